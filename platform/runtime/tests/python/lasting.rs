//! Objects that are there when an app has booted: their reference counts do not change any more.
use crate::app::{App, Node};
use http::Request;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_boot_left_is_immortal_and_what_a_request_makes_is_not() {
    let node = Node::shared();
    let source = r#"
import json, sys
class Thing:
    def method(self):
        return "a constant of some length"
things = {"one": [Thing()], "two": (Thing(), "a string " * 2)}
def app(environ, start_response):
    method = Thing.method.__code__
    there = [things, things["one"][0], things["two"][1], Thing, method, method.co_consts[-1], app, json, str.join]
    start_response("200 OK", [])
    return [json.dumps([[sys.getrefcount(thing) >= 1 << 30 for thing in some] for some in (there, [environ, Thing(), []])]).encode()]
"#;
    let release = App::build(node, &[("app.py", source)]).release(&[]);
    assert_eq!(node.runtime.prepare(&release).await.unwrap(), None);
    let [there, made]: [Vec<bool>; 2] = serde_json::from_value(node.get(&release, "/").await.json()).unwrap();
    assert_eq!(there, [true; 9]);
    assert_eq!(made, [false; 3]);
}

/// An instance that is kept drops, replaces and grows what its boot left, and collects garbage.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_changes_what_its_boot_left_goes_on() {
    let node = Node::shared();
    let source = r#"
import collections, functools, gc, re, weakref
class Node:
    def __init__(self, value):
        self.value, self.others = value, [self]
text, data, pair, queue = "begun", bytearray(b"begun"), ("a", ["b"]), collections.deque(range(50), 60)
nodes, by_name, weak = [Node(n) for n in range(500)], {str(n): Node(n) for n in range(500)}, weakref.WeakValueDictionary()
weak["first"] = nodes[0]
steps = (n * n for n in range(10_000))
@functools.lru_cache(maxsize=50)
def cached(n):
    return re.compile(f"a{n}+")
for n in range(50):
    cached(n)
count = 0
def app(environ, start_response):
    global text, data, pair, nodes, count
    count += 1
    text += "!"
    data += b"!"
    pair += (count,)
    queue.extend([[count]] * 7)
    nodes = nodes[5:] + [Node(count) for _ in range(5)]
    for name in list(by_name)[:5]:
        del by_name[name]
    by_name[f"new {count}"] = Node(count)
    app.last = Node.__init__.__code__ = Node.__init__.__code__.replace(co_name=f"init{count}")
    cached(49 + count)
    gc.collect()
    start_response("200 OK", [])
    return [f"{text} {data.decode()} {len(pair)} {queue[-1]} {nodes[0].value} {len(by_name)} {next(steps)} {'first' in weak} {cached.cache_info().currsize}".encode()]
"#;
    let mut release = App::build(node, &[("app.py", source)]).release(&[]);
    assert_eq!(node.runtime.prepare(&release).await.unwrap(), None);
    release.limits.reuse = 100;
    let app = node.runtime.app(release);
    for count in 1..=99 {
        let (more, left, next) = ("!".repeat(count), 500 - 4 * count, (count - 1).pow(2));
        let said = format!("begun{more} begun{more} {} [{count}] {} {left} {next} True 50", 2 + count, 5 * count);
        assert_eq!(node.answer(&app, Request::get("/"), "").await.text(), said);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_puts_other_things_into_the_collectors_place_answers() {
    let node = Node::shared();
    let source = r#"
import array, builtins, gc, itertools, sys
def other(*things, **more):
    raise RuntimeError("not this one")
for name in ("get_objects", "get_referents", "unfreeze", "disable"):
    setattr(gc, name, other)
itertools.chain = array.array = builtins.id = other
class Meta(type):
    def __getattribute__(self, name):
        raise RuntimeError("no code of the app's runs")
    __hash__ = __eq__ = other
class Hidden(metaclass=Meta):
    def __getattribute__(self, name):
        raise RuntimeError("no code of the app's runs")
    __hash__ = __eq__ = other
hidden = Hidden()
def app(environ, start_response):
    start_response("200 OK", [])
    return [f"{sys.getrefcount(hidden) >= 1 << 30}".encode()]
"#;
    let release = App::build(node, &[("app.py", source)]).release(&[]);
    assert_eq!(node.runtime.prepare(&release).await.unwrap(), None);
    assert_eq!(node.get(&release, "/").await.text(), "False");
}

/// All but a few of what a request allocates lie behind what the boot left, close together.
#[tokio::test(flavor = "multi_thread")]
async fn requests_find_no_holes_in_the_heap_of_their_boot() {
    let node = Node::shared();
    let source = r#"
import json
# Every second one is freed: as many holes.
things = [[bytes(n % 900 + 20), object(), {n: n}] for n in range(20_000)]
del things[::2]
end = max(id(part) for thing in things for part in thing)
def app(environ, start_response):
    made = [bytes(n + 20) for n in range(0, 900, 10)] + [object() for _ in range(100)] + [{n: n} for n in range(100)]
    start_response("200 OK", [])
    return [json.dumps([sum(id(thing) < end for thing in made), len({id(thing) >> 12 for thing in made})]).encode()]
"#;
    let release = App::build(node, &[("app.py", source)]).release(&[]);
    assert_eq!(node.runtime.prepare(&release).await.unwrap(), None);
    let (in_holes, pages): (usize, usize) = serde_json::from_value(node.get(&release, "/").await.json()).unwrap();
    assert!(in_holes < 12 && pages < 40, "{in_holes} of 290 objects lie in holes, all of them in {pages} pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_leaves_no_room_boots_and_answers() {
    let node = Node::shared();
    let source = r#"
taken = []
try:
    while True:
        taken.append(bytes(1 << 20))
except MemoryError:
    del taken[-1:]
def app(environ, start_response):
    start_response("200 OK", [])
    return [b"ok"]
"#;
    let mut release = App::build(node, &[("app.py", source)]).release(&[]);
    release.limits.memory_bytes = 64 << 20;
    assert_eq!(node.runtime.prepare(&release).await.unwrap(), None);
    assert_eq!(node.get(&release, "/").await.text(), "ok");
}
