module example.org/books

go 1.22

require (
	github.com/gin-contrib/sse v0.1.0
	github.com/gin-gonic/gin v1.8.1
	github.com/go-playground/locales v0.14.0
	github.com/go-playground/universal-translator v0.17.0
	github.com/go-playground/validator/v10 v10.4.1
	github.com/leodido/go-urn v1.2.1
	github.com/mattn/go-isatty v0.0.17
	github.com/pelletier/go-toml/v2 v2.0.6
	github.com/ugorji/go/codec v1.2.8
	golang.org/x/crypto v0.4.0
	golang.org/x/net v0.7.0
	golang.org/x/text v0.7.0
	google.golang.org/protobuf v1.28.1
	gopkg.in/yaml.v2 v2.4.0
)
