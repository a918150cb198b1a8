import dev.openfeature.contrib.providers.ofrep.OfrepProvider;
import dev.openfeature.contrib.providers.ofrep.OfrepProviderOptions;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;

// Asks for each flag that is named, without the hook and with it; see recipes_test.py.
public final class RecipeClient {
  public static void main(String[] arguments) throws Exception {
    OpenFeatureAPI api = OpenFeatureAPI.getInstance();
    api.setProviderAndWait(OfrepProvider.constructProvider(
        OfrepProviderOptions.builder().baseUrl(arguments[0]).build()));
    Client client = api.getClient();
    for (boolean hook : new boolean[] {false, true}) {
      if (hook) client.addHooks(new LeaseHook());
      for (int i = 1; i < arguments.length; ++i) {
        String value = client.getStringValue(arguments[i], "code default",
                                             new ImmutableContext("dr-martin"));
        System.out.println("{\"flag\": \"" + arguments[i] + "\", \"hook\": " + hook
                           + ", \"value\": \"" + value + "\"}");
      }
    }
    System.exit(0);
  }
}
