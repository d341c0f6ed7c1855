using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>Warns when the upstreams of a service disagree on the header, or none can carry what is asked for. Pure, any thread.</summary>
internal static class ModeRules
{
    public static void Check(ServiceConfiguration service, BindingContext context)
    {
        int raw = service.Upstreams.Count(upstream => upstream.Mode == HeaderMode.Raw);
        if (raw > 0 && raw < service.Upstreams.Length)
        {
            UpstreamConfiguration first = service.Upstreams.First(upstream => upstream.Mode == HeaderMode.Raw);
            ConfigurationNode node = context.Origin(first)!;
            context.Problems.Warning((node.Find("mode") ?? node).At, ConfigurationCodes.MixedModes,
                $"upstream {Wording.Quote(first.Name)} is not told who the client is (mode \"raw\") and others of this service are, "
                    + "expected the same mode for all");
        }
        if (service.Settings.AcceptProxy is { } accept && service.Upstreams.All(upstream => upstream.Mode != HeaderMode.ProxyV2))
        {
            WarnWithoutEffect(accept, !accept.PassTlvs.IsEmpty, "passTlvs", context);
            WarnWithoutEffect(accept, accept.AddCrc32C, "crc32c", context);
        }
    }

    private static void WarnWithoutEffect(AcceptProxyDefinition accept, bool asked, string key, BindingContext context)
    {
        if (asked)
            context.Problems.Warning(context.Origin(accept)!.Find(key)!.At, ConfigurationCodes.NoEffect,
                $"{key} has no effect, because no upstream of this service has a header that can carry TLVs, expected one of mode "
                    + "\"proxy-v2\"");
    }
}
