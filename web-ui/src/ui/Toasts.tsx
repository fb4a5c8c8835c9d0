import { Toast } from "radix-ui"
import { createContext, type ReactNode, useCallback, useContext, useState } from "react"
import { IconButton } from "./Button"
import { Icon } from "./Icon"
import styles from "./Toasts.module.css"

interface Note {
  title: string
  body?: string
  tone?: "good" | "bad"
}

const Context = createContext<(note: Note) => void>(() => undefined)

/** Says how something ended, at the edge of the page. */
export const useToast = () => useContext(Context)

export function Toasts({ children }: { children: ReactNode }) {
  const [notes, setNotes] = useState<(Note & { id: number })[]>([])
  const add = useCallback((note: Note) => {
    // Two at a time are as many as anyone reads.
    setNotes((notes) => [...notes.slice(-1), { ...note, id: (notes.at(-1)?.id ?? 0) + 1 }])
  }, [])
  const drop = (id: number) => setNotes((notes) => notes.filter((note) => note.id !== id))
  return (
    <Context value={add}>
      <Toast.Provider swipeDirection="left" duration={5000}>
        {children}
        {notes.map(({ id, title, body, tone = "good" }) => (
          <Toast.Root
            key={id}
            className={styles.toast}
            data-tone={tone}
            duration={tone === "bad" ? 15_000 : undefined}
            onOpenChange={(open) => !open && drop(id)}
          >
            <Icon name={tone === "good" ? "check" : "warning"} />
            <div className={styles.words}>
              <Toast.Title className={styles.title}>{title}</Toast.Title>
              {body && <Toast.Description className={styles.body}>{body}</Toast.Description>}
            </div>
            <Toast.Close asChild>
              <IconButton icon="cross" label="Dismiss" />
            </Toast.Close>
          </Toast.Root>
        ))}
        <Toast.Viewport className={styles.viewport} />
      </Toast.Provider>
    </Context>
  )
}
