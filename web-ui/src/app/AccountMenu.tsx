import { DropdownMenu } from "radix-ui"
import { useState } from "react"
import { useAccount, useSignOut } from "../api/account"
import { Icon } from "../ui/Icon"
import { useToast } from "../ui/Toasts"
import styles from "./AccountMenu.module.css"
import { applyTheme, storedTheme, type Theme, THEMES } from "./theme"

/** Who is signed in, light or dark, and the way out. */
export function AccountMenu() {
  const { data: account } = useAccount()
  const signOut = useSignOut()
  const toast = useToast()
  const leave = () =>
    signOut.mutate(undefined, {
      onSuccess: () => location.assign("/login"),
      onError: (error) => toast({ title: "Still signed in", body: error.message, tone: "bad" }),
    })
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className={styles.trigger} aria-label={`Account ${account?.email ?? ""}`}>
        <span className={styles.email}>{account?.email}</span>
        <Icon name="chevron" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.menu} align="end" sideOffset={6}>
          <DropdownMenu.Label className={styles.label}>
            Signed in as <strong>{account?.email}</strong>
          </DropdownMenu.Label>
          <DropdownMenu.Separator className={styles.line} />
          <ThemeChoice />
          <DropdownMenu.Separator className={styles.line} />
          <DropdownMenu.Item className={styles.item} onSelect={leave}>
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

const THEME_NAMES: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" }

function ThemeChoice() {
  const [theme, setTheme] = useState(storedTheme)
  const choose = (value: string) => {
    applyTheme(value as Theme)
    setTheme(value as Theme)
  }
  return (
    <DropdownMenu.RadioGroup value={theme} onValueChange={choose} aria-label="Theme">
      {THEMES.map((value) => (
        <DropdownMenu.RadioItem
          key={value}
          value={value}
          className={styles.item}
          onSelect={(e) => e.preventDefault()}
        >
          {THEME_NAMES[value]}
          <DropdownMenu.ItemIndicator>
            <Icon name="check" />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}
