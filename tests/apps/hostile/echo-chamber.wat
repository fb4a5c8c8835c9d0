(component
  ;; Asks the host for its environment; each time the host asks back for memory to put that in, it asks again.
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (core module $Memory
    (type $ask (func (param i32)))
    (memory (export "memory") 1)
    (table (export "table") 1 funcref)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (call_indirect (type $ask) (i32.const 64) (i32.const 0))
      (i32.const 1024)))
  (core instance $memory (instantiate $Memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "realloc" (core func $realloc))
  (core func $ask (canon lower (func $environment "get-environment") (memory $mem) (realloc $realloc)))
  (core module $Main
    (import "memory" "table" (table 1 funcref))
    (import "host" "ask" (func $ask (param i32)))
    (elem (i32.const 0) $ask)
    (func (export "run") (result i32)
      (call $ask (i32.const 64))
      (i32.const 0)))
  (core instance $main (instantiate $Main
    (with "memory" (instance $memory))
    (with "host" (instance (export "ask" (func $ask))))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))
