;; Says in its log that it has begun, and never ends.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\06\00\00\00")
  (data (i32.const 16) "begun\n")
  (func (export "_start")
    (if (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
    (loop $forever (br $forever))))
