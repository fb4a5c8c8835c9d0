//! C and C++: CGI programs, built by their own Makefile or CMakeLists.txt.
use super::{
    books::books,
    life::{Life, edit},
    live_on_one_platform,
    route::get,
};

#[tokio::test(flavor = "multi_thread")]
async fn c_and_cpp_programs_live_a_full_life() {
    live_on_one_platform(vec![make(), cmake()]).await;
}

fn make() -> Life {
    let mut life = books("c-cgi", "C", edit("main.c", "from C\\n", "from C again\\n"), edit("main.c", "books[id - 1])", "bookz[id - 1])"));
    life.push = vec!["-----> C app detected", "wasi-cc", "web runs books"];
    life.routes.push(get("/about").text("You can sign this book.\n")); // a file of the source
    life
}

fn cmake() -> Life {
    let line = edit("main.cpp", "\" from C++\\n\"", "\" from C++ again\\n\"");
    let mut life = books("cpp-cmake", "C++", line, edit("main.cpp", "return missing();", "throw std::out_of_range(\"no such book\");"));
    life.push = vec!["Running cmake", "web runs build/books"];
    life
}
