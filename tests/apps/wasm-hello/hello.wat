;; The smallest app: a wasip1 command that answers as a CGI program does, on standard output.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "Content-Type: text/plain; charset=utf-8\n\nHello from WebAssembly\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64)) ;; where the text begins
    (i32.store (i32.const 4) (i32.const 64)) ;; its length
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
