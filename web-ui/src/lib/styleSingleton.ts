import { useEffect } from "react"

/**
 * Stands in for the package `react-style-singleton`: the same effect through a constructed style sheet,
 * which `style-src 'self'` allows, in place of a `<style>` tag, which it does not.
 */
export function styleSingleton() {
  let users = 0
  let sheet: CSSStyleSheet | undefined

  return function Sheet({ styles }: { styles: string }) {
    useEffect(() => {
      if (users++ === 0) {
        sheet = new CSSStyleSheet()
        sheet.replaceSync(styles)
        document.adoptedStyleSheets.push(sheet)
      }
      return () => {
        if (--users === 0) {
          document.adoptedStyleSheets = document.adoptedStyleSheets.filter((adopted) => adopted !== sheet)
        }
      }
    }, [styles])
    return null
  }
}
