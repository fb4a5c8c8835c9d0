;; Reads everything first, then says how many bytes there were: the last digit alone.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 100) "Content-Type: text/plain\n\n0 bytes")
  (func (export "_start") (local $count i32)
    (block $done (loop $more
      (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 65536))
      (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
      (br_if $done (i32.eqz (i32.load (i32.const 8))))
      (local.set $count (i32.add (local.get $count) (i32.load (i32.const 8))))
      (br $more)))
    (i32.store8 (i32.const 126) (i32.add (i32.const 48) (i32.rem_u (local.get $count) (i32.const 10))))
    (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 33))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
