;; Takes what it can get. The path's first letter says of what:
;; m: all memory there is, then gives up. s: 100 MB, then answers. c: computes for ever. w: waits for an hour before it answers.
;; b: begins its answer, then waits for an hour. a: answers without end. l: prints 1,000 lines, then answers. Anything else: a greeting.
(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 1024) "PATH_INFO=/")
  (data (i32.const 1100) "Content-Type: text/plain\n\nWhat else is there?\n")
  (data (i32.const 1200) "more\n")
  (func $write (param $to i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $to) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $starts (param $at i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (local.get $at) (local.get $i))) (i32.load8_u (i32.add (i32.const 1024) (local.get $i))))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 11))))
    (i32.const 1))
  ;; The first letter of the path, 0 for none.
  (func $what (result i32) (local $i i32) (local $at i32)
    (drop (call $sizes (i32.const 16) (i32.const 20)))
    (drop (call $environ (i32.const 65536) (i32.const 131072)))
    (loop $next
      (if (i32.ge_u (local.get $i) (i32.load (i32.const 16))) (then (return (i32.const 0))))
      (local.set $at (i32.load (i32.add (i32.const 65536) (i32.shl (local.get $i) (i32.const 2)))))
      (if (call $starts (local.get $at)) (then (return (i32.load8_u (i32.add (local.get $at) (i32.const 11))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))
    (i32.const 0))
  (func $wait
    ;; subscription: userdata, tag 0 = clock, id 1 = monotonic, timeout in ns
    (i32.store (i32.const 528) (i32.const 1))
    (i64.store (i32.const 536) (i64.const 3600000000000))
    (drop (call $poll (i32.const 512) (i32.const 640) (i32.const 1) (i32.const 700))))
  (func $all_memory
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (unreachable))
  (func $print (local $i i32)
    (loop $more
      (call $write (i32.const 2) (i32.const 1200) (i32.const 5))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $i) (i32.const 1000)))))
  (func (export "_start") (local $what i32)
    (local.set $what (call $what))
    (if (i32.eq (local.get $what) (i32.const 0x6d)) (then (call $all_memory)))
    (if (i32.eq (local.get $what) (i32.const 0x73)) (then (drop (memory.grow (i32.const 1600)))))
    (if (i32.eq (local.get $what) (i32.const 0x63)) (then (loop $ever (br $ever))))
    (if (i32.eq (local.get $what) (i32.const 0x77)) (then (call $wait)))
    (if (i32.eq (local.get $what) (i32.const 0x6c)) (then (call $print)))
    (call $write (i32.const 1) (i32.const 1100) (i32.const 46))
    (if (i32.eq (local.get $what) (i32.const 0x62)) (then (call $wait)))
    (if (i32.eq (local.get $what) (i32.const 0x61)) (then
      (loop $more (call $write (i32.const 1) (i32.const 65536) (i32.const 65536)) (br $more))))))
