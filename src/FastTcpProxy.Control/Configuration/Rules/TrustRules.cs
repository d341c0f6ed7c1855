using System.Net;

namespace FastTcpProxy.Control.Configuration;

/// <summary>Warns when every peer may claim to be anybody. Pure, any thread.</summary>
internal static class TrustRules
{
    public static void Check(AcceptProxyConfiguration accept, ConfigurationNode from, BindingContext context)
    {
        for (int i = 0; i < accept.From.Length; i++)
        {
            IPNetwork network = accept.From[i];
            if (network.PrefixLength == 0)
                context.Problems.Warning(from.Items[i].At, ConfigurationCodes.TrustsEverybody,
                    $"{from.Items[i].Path} is \"{network}\", every client may then claim any address, expected the networks of the "
                        + "balancers only");
        }
    }
}
