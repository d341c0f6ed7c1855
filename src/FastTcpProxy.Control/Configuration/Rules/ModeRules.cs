using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>Warns when the upstreams of a service disagree on the header, or none can carry what is asked for. Pure, any thread.</summary>
internal static class ModeRules
{
    public static void Check(ServiceConfiguration service, Position uniqueId, BindingContext context)
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
        if (service.Upstreams.Any(upstream => upstream.Mode == HeaderMode.ProxyV2)) return;
        if (service.Settings.SendUniqueId) WarnWithoutEffect("uniqueId", uniqueId, context);
        if (service.Settings.AcceptProxy is not { } accept) return;
        ConfigurationNode origin = context.Origin(accept)!;
        if (!accept.PassTlvs.IsEmpty) WarnWithoutEffect("passTlvs", origin.Find("passTlvs")!.At, context);
        if (accept.AddCrc32C) WarnWithoutEffect("crc32c", origin.Find("crc32c")!.At, context);
    }

    private static void WarnWithoutEffect(string key, Position at, BindingContext context) =>
        context.Problems.Warning(at, ConfigurationCodes.NoEffect,
            $"{key} has no effect, because no upstream of this service has a header that can carry TLVs, expected one of mode "
                + "\"proxy-v2\"");
}
