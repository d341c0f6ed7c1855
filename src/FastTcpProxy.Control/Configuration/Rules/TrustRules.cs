using System.Net;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>Warns when every peer may claim any address. Pure, any thread.</summary>
internal static class TrustRules
{
    public static void Check(AcceptProxyDefinition accept, ConfigurationNode from, BindingContext context)
    {
        for (int i = 0; i < accept.From.Networks.Length; i++)
        {
            IPNetwork network = accept.From.Networks[i];
            if (network.PrefixLength == 0)
                context.Problems.Warning(from.Items[i].At, ConfigurationCodes.TrustsEverybody,
                    $"{from.Items[i].Path} is \"{network}\", every client may then claim any address, expected the networks of the "
                        + "balancers only");
        }
    }
}
