// Asks for each flag that is named, without the hook and with it; see recipes_test.py. The registry
// has no OFREP provider for Go, so that the one here is the test's own: what is tested is the SDK
// with the hook.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"recipe/lease"

	"github.com/open-feature/go-sdk/openfeature"
)

type provider struct {
	openfeature.NoopProvider
	baseURL string
}

func (p provider) StringEvaluation(_ context.Context, flag string, codeDefault string, evalCtx openfeature.FlattenedContext) openfeature.StringResolutionDetail {
	body, _ := json.Marshal(map[string]any{"context": evalCtx})
	var answer struct {
		Value    string
		Metadata map[string]any
	}
	response, err := http.Post(p.baseURL+"/ofrep/v1/evaluate/flags/"+flag, "application/json", bytes.NewReader(body))
	if err == nil {
		defer response.Body.Close()
		err = json.NewDecoder(response.Body).Decode(&answer)
	}
	detail := openfeature.ProviderResolutionDetail{FlagMetadata: answer.Metadata}
	if err != nil {
		detail.ResolutionError = openfeature.NewGeneralResolutionError(err.Error())
		return openfeature.StringResolutionDetail{Value: codeDefault, ProviderResolutionDetail: detail}
	}
	return openfeature.StringResolutionDetail{Value: answer.Value, ProviderResolutionDetail: detail}
}

func main() {
	if err := openfeature.SetProviderAndWait(provider{baseURL: os.Args[1]}); err != nil {
		panic(err)
	}
	client := openfeature.NewClient("recipe")
	evalCtx := openfeature.NewEvaluationContext("dr-martin", nil)
	for _, hook := range []bool{false, true} {
		if hook {
			client.AddHooks(lease.Hook{})
		}
		for _, flag := range os.Args[2:] {
			value := client.String(context.Background(), flag, "code default", evalCtx)
			line, _ := json.Marshal(map[string]any{"flag": flag, "hook": hook, "value": value})
			fmt.Println(string(line))
		}
	}
}
