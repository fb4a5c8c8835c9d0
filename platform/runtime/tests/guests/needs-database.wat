(component
  ;; A proxy that wants an interface which the platform does not have.
  (import "acme:database/query@1.0.0" (instance (export "run" (func))))
  (instance $handler)
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
