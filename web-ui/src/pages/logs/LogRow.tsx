import { memo } from "react"
import { clock, printable, routerFields } from "../../lib/logLine"
import { absolute } from "../../lib/time"
import type { NumberedLine } from "./logFeed"
import styles from "./LogsPage.module.css"

/** One line: when, who, what. Router lines show their keys dimmed and their failures in red. */
export const LogRow = memo(function LogRow({ line }: { line: NumberedLine }) {
  const fields = routerFields(line)
  const failed = fields?.some(
    ({ key, value }) => (key === "at" && value === "error") || (key === "status" && value[0] === "5"),
  )
  return (
    <div
      className={styles.line}
      data-source={line.process === "router" ? "router" : line.source}
      data-failed={failed}
    >
      {line.at && (
        <time className={styles.time} dateTime={line.at.toISOString()} title={absolute(line.at)}>
          {clock(line.at)}
        </time>
      )}
      {line.process && (
        <span className={styles.process}>
          {line.source}[{line.process}]
        </span>
      )}
      <span className={styles.text}>
        {fields
          ? fields.map(({ key, value }, at) => (
              <span key={at} data-field={key}>
                <span className={styles.fieldKey}>{key}=</span>
                {printable(value)}{" "}
              </span>
            ))
          : printable(line.text)}
      </span>
    </div>
  )
})
