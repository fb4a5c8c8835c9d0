;; Answers with what it reads, piece by piece.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 100) "Content-Type: application/octet-stream\n\n")
  (func $print (param $at i32) (param $length i32)
    (block $done (loop $more
      (br_if $done (i32.eqz (local.get $length)))
      (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $length))
      (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
      (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
      (local.set $length (i32.sub (local.get $length) (i32.load (i32.const 8))))
      (br $more))))
  (func (export "_start")
    (call $print (i32.const 100) (i32.const 40))
    (block $done (loop $more
      (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 65536))
      (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
      (br_if $done (i32.eqz (i32.load (i32.const 8))))
      (call $print (i32.const 65536) (i32.load (i32.const 8)))
      (br $more)))))
