# The steps themselves are in .ci/run, so that CI needs no make.

.PHONY: help build test check fmt vet staticcheck race direction bench sample profile speed golden

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./kuasheng
	go build ./cmd/kuasheng

test: ## run all tests
	.ci/run test

check: ## all that CI runs
	.ci/run

fmt: ## rewrite the sources as gofmt has them
	gofmt -w .

vet: ## go vet
	.ci/run vet

staticcheck: ## staticcheck, the version that go.mod names
	.ci/run staticcheck

race: ## the race detector on what is concurrent
	.ci/run race

direction: ## who may import whom, and what the engine must not see
	.ci/run direction

bench: ## every benchmark once, at small size
	.ci/run bench

profile: ## where the time of a quarter of the national year goes, by function
	go test -run '^$$' -bench NationalYear -benchtime 1x -cpuprofile profile.prof -o profile.test ./bench -args -sample 4
	go tool pprof -top -cum -nodecount 70 profile.test profile.prof 2>/dev/null | grep -E 'flat%|kuasheng/(sim|engine)'
	@rm -f profile.test profile.prof

speed: ## time this tree against BASE=revision; SPEED='-sample 1/1 -instructions' says more
	go run ./bench/speed $(SPEED) $(BASE)

sample: ## the program on one patient in 256, sound and with a planted fen
	.ci/run sample

golden: ## rewrite the expected texts of cmd, sim/report and fixtures/wire; read the diff
	go test ./cmd/kuasheng ./fixtures/wire -args -rewrite
	go test ./sim/report -update
