//! C and C++: CGI programs, built by their own Makefile or CMakeLists.txt.
use super::{Change, exercise, live_through_changes};
use paas_tests::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn a_c_program_answers_in_cgi_form() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "c-cgi").await;
    let push = repository.push().await;
    for line in ["-----> C app detected", "wasi-cc", "web runs books"] {
        assert!(push.stderr.contains(line), "no {line:?} in\n{}", push.stderr);
    }
    push.ok();

    exercise(&platform, &developer, "books", "C").await;
    assert_eq!(platform.visitor().get("books", "/about").await.text, "You can sign this book.\n", "a file of the source");
    live_through_changes(
        &platform,
        &repository,
        Change {
            file: "main.c",
            good: ("from C", "from C again"),
            original: "Hello from C\n",
            page: "Hello from C again\n",
            bad: ("books[id - 1])", "bookz[id - 1])"),
            complaint: &["main.c:24:", "error: use of undeclared identifier 'bookz'", "The app does not compile.", "Push rejected to books."],
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cpp_program_is_built_by_cmake_and_told_what_is_not_there() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.repository("cpp").await;
    repository.write(
        "CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.16)\nproject(hello CXX)\nset(CMAKE_CXX_STANDARD 20)\nadd_executable(hello hello.cpp)\n",
    );
    let program = |main: &str| format!("#include <iostream>\n#include <map>\n#include <string>\nint main() {{ {main} }}\n");
    let hello = program("std::map<std::string, int> m{{\"six\", 6}};\nstd::cout << \"Content-Type: text/plain\\n\\n\" << m[\"six\"] * 7 << \"\\n\";");
    repository.write("hello.cpp", &hello);
    repository.commit("First").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("cpp", "/").await.text, "42\n");

    repository.write("hello.cpp", &program("throw 1;"));
    repository.commit("Throw").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    for words in ["hello.cpp:4:14: error: cannot use 'throw' with exceptions disabled", "C++ has no exceptions here. Return errors instead"] {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }
}
