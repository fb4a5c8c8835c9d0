// The two modules of an app, which the runtime knows as ground.js and main.js.
import { hosts } from "./host.mjs";
import { lineTable } from "./lines.mjs";

const GROUND = "ground.js";

/** The ground's, but for its first line, which is the app's to say. It is the same for as long as only the app's own files change. The table is at its end, where what takes it is there. */
export const groundModule = (code, lines) => `${hosts}\n${code}\n${lineTable(GROUND, lines, 3)}\nexport { __paas_ground };\n`;

/** The app's own. */
export const mainModule = ({ code, lines }) => `import { __paas_ground } from "./${GROUND}"; ${lineTable("main.js", lines, 2)}\n${code}`;
