// Package lease honours the lease in an application: an answer is not used after the moment in its
// metadata. The SDK then gives the code default, whatever kept the answer so long.
//
//	openfeature.AddHooks(lease.Hook{})
//
// Boolean, BooleanValue and their like give the code default. BooleanValueDetails and its like give
// the answer all the same, beside an error: an application that uses them must look at the error.
package lease

import (
	"context"
	"errors"
	"time"

	"github.com/open-feature/go-sdk/openfeature"
)

type Hook struct{ openfeature.UnimplementedHook }

func (Hook) After(_ context.Context, _ openfeature.HookContext, details openfeature.InterfaceEvaluationDetails, _ openfeature.HookHints) error {
	until, isTreatment := details.FlagMetadata["leaseUntilMs"]
	if ms, isNumber := until.(float64); isTreatment && !(isNumber && time.Now().UnixMilli() < int64(ms)) {
		return errors.New("the lease is past")
	}
	return nil
}
