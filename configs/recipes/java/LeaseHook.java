// The lease, honoured by an application: an answer is not used after the moment in its metadata. The
// SDK then gives the code default, whatever kept the answer so long.
//
//   OpenFeatureAPI.getInstance().addHooks(new LeaseHook());
import dev.openfeature.sdk.FlagEvaluationDetails;
import dev.openfeature.sdk.Hook;
import dev.openfeature.sdk.HookContext;
import java.util.Map;

public final class LeaseHook implements Hook<Object> {
  @Override
  public void after(HookContext<Object> context, FlagEvaluationDetails<Object> details,
                    Map<String, Object> hints) {
    Object until = details.getFlagMetadata().asUnmodifiableMap().get("leaseUntilMs");
    boolean holds = until instanceof Number && System.currentTimeMillis() < ((Number) until).longValue();
    if (until != null && !holds) throw new IllegalStateException("the lease is past");
  }
}
