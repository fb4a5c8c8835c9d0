(component
  ;; Asks for a timer and keeps it, without end. When it is refused one, the host ends it.
  (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $pollable'))
    (export "pollable" (type $timer (eq $pollable')))
    (export "subscribe-duration" (func (param "when" u64) (result (own $timer))))))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core module $Main
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (func (export "run") (result i32)
      (loop $more (drop (call $subscribe (i64.const 3600000000000))) (br $more))
      (i32.const 0)))
  (core instance $main (instantiate $Main (with "host" (instance (export "subscribe" (func $subscribe))))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))
