import { type FormEvent, useState } from "react"
import { Navigate, useSearchParams } from "react-router"
import { useAccount, useSignIn } from "../../api/account"
import { isSignedOut } from "../../api/client"
import { safeNext } from "../../lib/names"
import { Button, IconButton } from "../../ui/Button"
import { Command } from "../../ui/Copy"
import { Field } from "../../ui/Field"
import { Mark } from "../../ui/Mark"
import styles from "./LoginPage.module.css"

/** Signing in with an API key; leads on to where one was. */
export function LoginPage() {
  const [params] = useSearchParams()
  const account = useAccount()
  if (account.data) return <Navigate to={safeNext(params.get("next"))} replace />
  return (
    <main className={styles.page}>
      <title>Sign in · paas</title>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Mark size={44} />
          <h1>Sign in to paas</h1>
          <p>
            {params.has("next")
              ? "Sign in to go on where you were."
              : "Push code with git, get an isolated app."}
          </p>
        </div>
        <KeyForm />
        <div className={styles.where}>
          <p>
            The key was made when the platform first started. It lies on its machine, in{" "}
            <code>$PAAS_DATA/admin.token</code>:
          </p>
          <Command>{'cat "$PAAS_DATA/admin.token"'}</Command>
        </div>
      </div>
    </main>
  )
}

const UNKNOWN_KEY = "The platform does not know this key. Check that you copied all of it."

function KeyForm() {
  const [key, setKey] = useState("")
  const [shown, setShown] = useState(false)
  const [problem, setProblem] = useState<string>()
  const signIn = useSignIn()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const trimmed = key.trim()
    if (!trimmed) return setProblem("Paste your API key.")
    signIn.mutate(trimmed, {
      onError: (error) => setProblem(isSignedOut(error) ? UNKNOWN_KEY : error.message),
    })
  }
  return (
    <form onSubmit={submit} className={styles.form} noValidate>
      {/* A key belongs to no name, but password managers look for one. */}
      <input type="text" name="username" autoComplete="username" value="paas" readOnly hidden />
      <Field
        label="API key"
        name="key"
        type={shown ? "text" : "password"}
        autoComplete="current-password"
        autoFocus
        mono
        value={key}
        problem={problem}
        onChange={(event) => {
          setKey(event.target.value)
          setProblem(undefined)
        }}
        end={
          <IconButton
            icon={shown ? "eyeOff" : "eye"}
            label={shown ? "Hide key" : "Show key"}
            onClick={() => setShown(!shown)}
          />
        }
      />
      <Button type="submit" look="primary" busy={signIn.isPending}>
        Sign in
      </Button>
    </form>
  )
}
