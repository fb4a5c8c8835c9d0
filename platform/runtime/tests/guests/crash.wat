;; Says something on stderr, then crashes two calls deep.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "about to fail\nreally")
  (data (i32.const 0) "\64\00\00\00\14\00\00\00")
  (func $give_up unreachable)
  (func $handle_request
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $give_up))
  (func $_start (export "_start") (call $handle_request)))
