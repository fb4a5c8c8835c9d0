/** The sign of the platform: a timeline, the newest release filled, with a way back up. The favicon shows the same. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0d3d44" />
      <path d="M11 5v22" stroke="#3f7f86" strokeWidth="2" strokeLinecap="round" />
      <path d="M11 22c10 0 10-12 2-12" stroke="#6fe0dc" strokeWidth="2" fill="none" strokeLinecap="round" />
      <circle cx="11" cy="10" r="4.5" fill="#6fe0dc" />
      <circle cx="11" cy="22" r="2.75" fill="#0d3d44" stroke="#3f7f86" strokeWidth="2" />
    </svg>
  )
}
