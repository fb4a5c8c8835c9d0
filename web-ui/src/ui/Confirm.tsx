import { AlertDialog } from "radix-ui"
import type { ReactNode } from "react"
import { Button } from "./Button"
import styles from "./Confirm.module.css"

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** What will change. */
  children: ReactNode
  action: string
  danger?: boolean
  ready?: boolean
  busy?: boolean
  onConfirm: () => void
}

/** Asks before something is done; focus begins on Cancel, Escape leaves. */
export function Confirm({
  open,
  onOpenChange,
  title,
  children,
  action,
  danger,
  ready = true,
  busy,
  onConfirm,
}: Props) {
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={styles.overlay} />
        <AlertDialog.Content className={styles.content}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              if (ready && !busy) onConfirm()
            }}
          >
            <AlertDialog.Title className={styles.title}>{title}</AlertDialog.Title>
            <AlertDialog.Description asChild>
              <div className={styles.body}>{children}</div>
            </AlertDialog.Description>
            <div className={styles.buttons}>
              <AlertDialog.Cancel asChild>
                <Button>Cancel</Button>
              </AlertDialog.Cancel>
              <Button type="submit" look={danger ? "danger" : "primary"} disabled={!ready} busy={busy}>
                {action}
              </Button>
            </div>
          </form>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
