//! Packages are bundled apart from the app's own files, which nobody notices: they are the modules they would be otherwise, and run when they would.
use crate::app::{App, Node};
use serde_json::{Value, json};
use std::fs;

type Files<'a> = Vec<(&'a str, &'a str)>;

/// What the app's handler gives.
async fn answer(files: &Files<'_>) -> Value {
    let app = App::build(Node::shared(), files);
    Node::shared().get(&app.release(&[]), "/").await.json()
}

const COUNTER: (&str, &str) = ("node_modules/counter/index.js", "let count = 0;\nexports.next = () => ++count;");
/// Of its parts, an app takes what it uses.
const PURE: (&str, &str) = ("node_modules/pure/package.json", r#"{ "type": "module", "sideEffects": false, "main": "index.js" }"#);

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_one_module_whoever_asks_for_it() {
    let index = "import { next } from 'counter';
        import { createRequire } from 'node:module';
        import { viaCommon } from 'common';
        import { viaPure } from 'pure';
        import { viaAwait } from 'awaits';
        import { viaPath } from './path.cjs';
        export default () => Response.json([next(), viaCommon(), viaPure(), viaAwait(), viaPath()]);";
    let files = vec![
        COUNTER,
        ("node_modules/common/index.js", "exports.viaCommon = () => require('counter').next();"),
        PURE,
        ("node_modules/pure/index.js", "export { viaPure } from './inner.js';"),
        ("node_modules/pure/inner.js", "import counter from 'counter';\nexport const viaPure = () => counter.next();"),
        ("node_modules/awaits/index.mjs", "const { next } = await import('counter');\nexport const viaAwait = () => next();"),
        ("node_modules/awaits/package.json", r#"{ "main": "index.mjs" }"#),
        ("path.cjs", "exports.viaPath = () => require('./node_modules/counter/index.js').next();"),
        ("index.mjs", index),
    ];
    assert_eq!(answer(&files).await, json!([1, 2, 3, 4, 5]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_runs_when_it_is_imported() {
    let files = vec![
        ("node_modules/reader/index.js", "export const seen = globalThis.seen;"),
        ("node_modules/reader/package.json", r#"{ "type": "module", "main": "index.js" }"#),
        ("node_modules/later/index.js", "globalThis.seen.push('later');"),
        ("first.mjs", "globalThis.seen = ['first'];"),
        (
            "index.mjs",
            "import './first.mjs';\nimport { seen } from 'reader';\nseen.push('index');\nimport('later');\nexport default () => Response.json(seen);",
        ),
    ];
    assert_eq!(answer(&files).await, json!(["first", "index", "later"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_a_package_are_bound_to_its_variables() {
    let files = vec![
        PURE,
        (
            "node_modules/pure/index.js",
            "export let count = 0;\nexport const add = () => { count++; };\nexport default class Pure {}\nexport { count as 'a name' };",
        ),
        ("node_modules/pure/empty.js", "globalThis.unasked = true;"),
        (
            "index.mts",
            "import Pure, { add as more, count, type Count } from 'pure';\nimport {} from 'pure/empty.js';\nimport { 'a name' as named } from 'pure';\nmore();\nconst two: Count = count + 1;\nexport default () => Response.json([count, two, named, new Pure().constructor.name]);",
        ),
    ];
    assert_eq!(answer(&files).await, json!([1, 2, 1, "Pure"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_file_takes_of_a_package_takes_nothing_from_another() {
    // In every order, and among strings and comments that look like parts of the language.
    let star =
        "const glob = '/*'\nexport const x = { y: 1 }\nimport * as all from 'pure'\nexport const rest = () => [all.b, all.c, glob, x.y]\n// */";
    let one = "export const own = { c: 2 }\nimport {\n  a, // the first\n  c as d /* the third */,\n} from 'pure'\nexport const first = () => [a, d, own.c]";
    for (index, expected) in [
        (
            "import { first } from './one.mjs'; import { rest } from './star.mjs'; export default () => Response.json([first(), rest()]);",
            json!([[1, 3, 2], [2, 3, "/*", 1]]),
        ),
        (
            "import { rest } from './star.mjs'; import { first } from './one.mjs'; export default () => Response.json([rest(), first()]);",
            json!([[2, 3, "/*", 1], [1, 3, 2]]),
        ),
        ("import { both } from './after.mjs'; export default () => Response.json(both());", json!([2, 1, 3])),
        ("import { first } from './one.mjs'; export default () => Response.json(first());", json!([1, 3, 2])),
    ] {
        let files = vec![
            PURE,
            ("node_modules/pure/index.js", "export const a = 1;\nexport const b = 2;\nexport const c = 3;"),
            ("one.mjs", one),
            ("star.mjs", star),
            ("plain.mjs", "import { a, c } from 'pure';\nexport const first = () => [a, c];"),
            // Found when the star has been seen already.
            ("after.mjs", "import * as all from 'pure';\nimport { first } from './plain.mjs';\nexport const both = () => [all.b, ...first()];"),
            ("index.mjs", index),
        ];
        assert_eq!(answer(&files).await, expected, "{index}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_of_a_package_is_that_of_its_kind() {
    let compiled = "Object.defineProperty(exports, '__esModule', { value: true });\nexports.default = 'default';\nexports.other = 'other';";
    let files = vec![
        ("node_modules/compiled/index.js", compiled),
        ("node_modules/modern/index.mjs", "export default 'default';\nexport const other = 'other';"),
        ("node_modules/modern/package.json", r#"{ "main": "index.mjs" }"#),
        ("old.cjs", "module.exports = [require('compiled').default, require('modern').default];"),
        ("inner.ts", "import compiled from 'compiled';\nexport const inner = compiled;"),
        (
            "index.mjs",
            "import compiled, { other } from 'compiled';
            import modern, * as space from 'modern';
            import old from './old.cjs';
            import { inner } from './inner.ts';
            export default async () => Response.json([compiled.default, other, modern, Object.keys(space), old, inner, (await import('compiled')).other]);",
        ),
    ];
    assert_eq!(answer(&files).await, json!(["default", "other", "default", ["default", "other"], ["default", "default"], "default", "other"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_a_package_names_its_file_and_line() {
    let files = [
        ("node_modules/thrower/index.js", "exports.run = (work) => {\n  work();\n};"),
        ("index.mjs", "import { run } from 'thrower';\n\nexport default () => run(() => {\n  throw new Error('as asked');\n});"),
    ];
    let release = App::build(Node::shared(), &files).release(&[]);
    assert_eq!(Node::shared().get(&release, "/").await.status, 500);
    Node::shared().logs(&release, "as asked").await;
    Node::shared().logs(&release, "(index.mjs:4:").await;
    Node::shared().logs(&release, "node_modules/thrower/index.js:2:").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_of_one_file_runs_as_before() {
    let node = Node::shared();
    let app = App::build(node, &[("index.mjs", "export default () => new Response();")]);
    let old = app.in_one_file(node, "addEventListener('fetch', (event) => event.respondWith(new Response('one file')));");
    assert_eq!(node.get(&old.release(&[]), "/").await.text(), "one file");
}

#[test]
fn a_name_that_a_package_lacks_is_told_with_its_line() {
    let files = vec![
        PURE,
        ("node_modules/pure/index.js", "export const pure = 1;"),
        ("index.mjs", "import { impure } from 'pure';\nexport default () => Response.json(impure);"),
    ];
    let told = App::try_build(Node::shared(), &files).err().expect("it is refused");
    assert!(
        told.contains("No matching export in \"node_modules/pure/index.js\"") && told.contains("\"impure\"") && told.contains("index.mjs:1:9"),
        "{told}"
    );
}

#[test]
fn what_nobody_uses_of_a_package_without_side_effects_stays_away() {
    let large = format!("export const used = 1;\nexport const unused = () => {:?};", "x".repeat(400 << 10));
    let kilobytes = |index| {
        let (_, output) = App::build_with_output(Node::shared(), &[PURE, ("node_modules/pure/index.js", &large), ("index.mjs", index)]);
        let line = output.lines().find_map(|line| line.trim().strip_suffix(" KB")).expect("the bundle's size").to_string();
        line.rsplit(' ').next().unwrap().parse::<u32>().unwrap()
    };
    let least = kilobytes("import { used } from 'pure';\nexport default () => Response.json(used);");
    let most = kilobytes("import * as pure from 'pure';\nexport default () => Response.json(Object.keys(pure));");
    assert!(least + 400 <= most, "{least} KB and {most} KB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_has_changed_is_bundled_anew() {
    let (node, folder) = (Node::shared(), tempfile::tempdir().unwrap());
    let package = folder.path().join("node_modules/greeting/index.js");
    fs::create_dir_all(package.parent().unwrap()).unwrap();
    fs::write(folder.path().join("index.mjs"), "import greeting from 'greeting';\nexport default () => Response.json(greeting);").unwrap();
    let mut digests = Vec::new();
    for text in ["one", "two", "one"] {
        fs::write(&package, format!("module.exports = '{text}';")).unwrap();
        let app = App::of_folder(node, folder.path()).unwrap().0;
        let release = app.release(&[]);
        assert_eq!(node.get(&release, "/").await.json(), text);
        digests.push(release.slug);
    }
    assert_eq!(digests[0], digests[2], "what was kept of other builds does not show");
    assert_ne!(digests[0], digests[1]);
}
