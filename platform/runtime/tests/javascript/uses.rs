//! What a bundle uses that cannot work is said when it is built, by its part and the file that uses it.
use crate::app::{App, Node};

/// The lines below the headline, without their indentation.
fn told(files: &[(&str, &str)]) -> Vec<String> {
    let (_, output) = App::build_with_output(Node::shared(), files);
    let lines = output.lines().skip_while(|line| !line.contains("These parts of modules do not exist on this platform"));
    lines.skip(1).map(str::trim).take_while(|line| line.contains(", used by ")).map(String::from).collect()
}

#[test]
fn parts_of_modules_are_named_in_every_way_they_are_imported() {
    let driver = "const net = require('net');\nexports.open = () => { const socket = new net.Socket(); socket.connect(1); return net.isIP('::1'); };";
    let cipher =
        "import { createCipheriv as cipher, createHash } from 'node:crypto';\nexport const seal = () => cipher('x', 'y', 'z') ?? createHash('md5');";
    let index = "import { open } from 'driver';\nimport { seal } from './cipher.mjs';\nimport fs, { promises } from 'node:fs';\nimport * as zlib from 'zlib';\n\
                 export default () => new Response([open, seal, () => fs.writeFileSync('a', 'b'), () => zlib.gzipSync('a'), promises.readFile].join());";
    let files = [("node_modules/driver/index.js", driver), ("cipher.mjs", cipher), ("index.mjs", index)];
    assert_eq!(
        told(&files),
        [
            "crypto.createCipheriv, used by cipher.mjs",
            "fs.writeFileSync, used by index.mjs",
            "net.Socket, used by node_modules/driver/index.js",
            "zlib.gzipSync, used by index.mjs"
        ]
    );
}

#[test]
fn globals_are_named_unless_the_file_asks_whether_they_exist() {
    let careful = "export const live = () => (typeof WebSocket === 'undefined' ? undefined : new WebSocket('ws://a'));";
    let bold = "export const live = () => new WebSocket('ws://a');\n// new EventSource('a') is only talked about";
    let index = "import * as a from './careful.mjs';\nimport * as b from './bold.mjs';\nexport default () => new Response([a.live, b.live].join());";
    assert_eq!(told(&[("careful.mjs", careful), ("bold.mjs", bold), ("index.mjs", index)]), ["WebSocket, used by bold.mjs"]);
}

#[test]
fn what_is_imported_and_works_is_not_named() {
    let index = "import net from 'net';\nimport crypto from 'node:crypto';\nimport fs from 'fs';\n\
                 export default () => new Response(net.isIP('1.1.1.1') + crypto.createHash('sha1').update('a').digest('hex') + fs.existsSync('/app/a'));";
    assert_eq!(told(&[("index.mjs", index)]), Vec::<String>::new());
}

#[test]
fn native_code_is_named_with_its_package() {
    let loader = "module.exports = () => { throw new Error('no build for this machine'); };";
    let bcrypt = "const load = require('node-gyp-build');\nexports.hash = () => load(__dirname);";
    let files = [
        ("node_modules/node-gyp-build/index.js", loader),
        ("node_modules/bcrypt/index.js", bcrypt),
        ("index.mjs", "import { hash } from 'bcrypt';\nexport default () => new Response(hash());"),
    ];
    assert_eq!(told(&files), ["native code of bcrypt (bcryptjs does the same without), used by node_modules/bcrypt/index.js"]);
}
