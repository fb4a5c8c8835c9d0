/** Line drawings on a 16 × 16 grid. */
const PATHS = {
  arrowUp: "M8 13V3.5M3.8 7.5 8 3.3l4.2 4.2",
  check: "m3 8.5 3.3 3.3L13 4.8",
  chevron: "m4.5 6.3 3.5 3.5 3.5-3.5",
  copy: "M5.5 5.5V3.2c0-.4.3-.7.7-.7h6.6c.4 0 .7.3.7.7v6.6c0 .4-.3.7-.7.7h-2.3M3.2 5.5h6.6c.4 0 .7.3.7.7v6.6c0 .4-.3.7-.7.7H3.2a.7.7 0 0 1-.7-.7V6.2c0-.4.3-.7.7-.7Z",
  cross: "m4 4 8 8m0-8-8 8",
  external: "M6.5 3.5h-3v9h9v-3M9 3h4v4M12.8 3.2 7.5 8.5",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  eyeOff:
    "M2.5 2.5l11 11M6.6 6.6a2 2 0 0 0 2.8 2.8M4.3 4.6C2.5 5.9 1.5 8 1.5 8S4 12.5 8 12.5c1.3 0 2.5-.5 3.5-1.1M7 3.6c.3-.1.7-.1 1-.1 4 0 6.5 4.5 6.5 4.5s-.5 1-1.5 2.1",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  pencil: "m10.5 3 2.5 2.5-7.3 7.3-3 .5.5-3L10.5 3Z",
  play: "M5 3.5v9L12.5 8 5 3.5Z",
  plus: "M8 3v10M3 8h10",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.3 10.3l3.2 3.2",
  sliders:
    "M2.5 5h5M11.5 5h2M9.5 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM2.5 11h2M8.5 11h5M6.5 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  spark: "M8 2.5v3M8 10.5v3M2.5 8h3M10.5 8h3",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.3 4.5l.6 9h6.2l.6-9",
  undo: "M5.8 3 2.8 6l3 3M3 6h6.3a3.7 3.7 0 0 1 0 7.4H6.5",
  warning: "M8 2.3 14.3 13.3H1.7L8 2.3ZM8 6.5v3.2M8 11.4v.1",
} as const

export type IconName = keyof typeof PATHS

/** A drawing beside words or inside a labelled control: assistive technology never needs to hear of it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
