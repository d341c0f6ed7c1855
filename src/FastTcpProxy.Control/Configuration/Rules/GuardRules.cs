using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>
/// Lays the <c>guards</c> of a service over those of the file, and makes of them what the engine goes by. Pure, any thread.
/// </summary>
internal static class GuardRules
{
    private const string InAllow = "guards.allow", InDeny = "guards.deny";

    public static ProxyConfiguration Apply(ProxyConfiguration configuration, GuardsConfiguration? around, BindingContext context)
    {
        if (around is null && configuration.Services.All(s => s.Guards is null)) return configuration;
        GuardNetworks? shared = around is null ? null : NetworksOf(around, context.Origin(around), context);
        ImmutableArray<ServiceConfiguration> services = [.. configuration.Services.Select(s => Apply(s, around, shared, context))];
        if (around is null) return configuration with { Services = services };
        Check(around, context.Origin(around), context);
        int max = Math.Min(configuration.Engine.MaxSessions, around.Total.Sessions ?? int.MaxValue);
        return configuration with { Services = services, Engine = configuration.Engine with { MaxSessions = max } };
    }

    private static ServiceConfiguration Apply(ServiceConfiguration service, GuardsConfiguration? around, GuardNetworks? shared,
        BindingContext context)
    {
        if (service.Guards is not { } own)
            return around is null ? service : With(service, PolicyOf(around, shared), 0);
        GuardsConfiguration all = around is null ? own : own.Over(around);
        Check(all, context.Origin(own), context);
        bool hasOwnNetworks = own.Allow is not null || own.Deny is not null || own.Lists is not null;
        GuardPolicy policy = PolicyOf(all, hasOwnNetworks ? NetworksOf(all, context.Origin(own), context) : shared) with
        {
            HasOwnSources = own.PerSource != new PerSourceConfiguration(),
            HasOwnTotal = own.Total != new TotalConfiguration(),
        };
        return With(service, policy, own.Total.Sessions ?? 0);
    }

    private static ServiceConfiguration With(ServiceConfiguration service, GuardPolicy policy, int sessionsMax)
    {
        ServiceSettings settings = service.Settings;
        int max = settings.SessionsMax == 0 ? sessionsMax
            : sessionsMax == 0 ? settings.SessionsMax : Math.Min(settings.SessionsMax, sessionsMax);
        return service with { Guards = null, Settings = settings with { Guards = policy, SessionsMax = max } };
    }

    private static GuardPolicy PolicyOf(GuardsConfiguration guards, GuardNetworks? networks) => new()
    {
        Networks = networks,
        ServesUnlisted = guards.ServesUnlisted ?? true,
        PerSource = new SourceLimits(guards.PerSource.Sessions ?? 0, RateOf(guards.PerSource.Connections, guards.PerSource.Burst),
            guards.Ban?.Terms ?? BanTerms.None),
        Ipv6Prefix = guards.PerSource.Ipv6Prefix ?? SourceKey.Ipv6PrefixDefault,
        Total = new TotalLimits(RateOf(guards.Total.Connections, guards.Total.Burst), guards.Total.PendingConnects ?? 0),
        OnRefuse = guards.OnRefuse ?? RefusalAction.Reset,
    };

    private static TokenRate RateOf(ConnectionRate? rate, int? burst)
    {
        if (rate is not { } given) return default;
        // An empty bucket is full again within some weeks: what is beyond makes no difference to a client.
        long most = (long)(TokenRate.FillNsMax / 1e9 * given.PerSecond);
        return TokenRate.Of(given.PerSecond, (int)Math.Clamp(burst ?? given.Count, 1, Math.Max(most, 1)));
    }

    private static GuardNetworks? NetworksOf(GuardsConfiguration guards, ConfigurationNode? node, BindingContext context)
    {
        ImmutableArray<ConfiguredNetworkList> lists = guards.Lists ?? [];
        ImmutableArray<string> origins = [InAllow, InDeny, .. lists.Select(list => list.Path)];
        List<NetworkEntry> entries = [];
        foreach (IPNetwork network in guards.Allow ?? []) entries.Add(new NetworkEntry(Of(network), NetworkAction.Allow, 0));
        foreach (IPNetwork network in guards.Deny ?? []) entries.Add(new NetworkEntry(Of(network), NetworkAction.Deny, 1));
        for (int i = 0; i < lists.Length; i++)
        {
            foreach (NetworkEntry entry in lists[i].Entries.Span) entries.Add(entry with { Number = (uint)i + 2 });
        }
        if (entries.Count == 0) return null;
        GuardNetworks? networks =
            GuardNetworks.Of(CollectionsMarshal.AsSpan(entries), origins, out NetworkChange change);
        if (change != NetworkChange.Done)
            context.Problems.Error(node?.At ?? Position.Start, ConfigurationCodes.OutOfRange,
                $"guards name {Counted.Of(entries.Count, "network")} in all, expected at most {NetworkTable.EntriesMax}");
        return networks;
    }

    private static Network Of(IPNetwork network) =>
        Network.Of(InetEndPoint.FromIPEndPoint(new IPEndPoint(network.BaseAddress, 0)), network.PrefixLength, out _)!.Value;

    private static void Check(GuardsConfiguration guards, ConfigurationNode? node, BindingContext context)
    {
        // Once, where the key is written.
        void Warn(string key, string message)
        {
            if (node?.Find(key) is { } at) context.Problems.Warning(at.At, ConfigurationCodes.GuardKeyWithoutEffect, message);
        }

        if (guards.PerSource is { Burst: not null, Connections: null })
            Warn("perSource", "perSource.burst has no effect without a rate, expected \"connections\" beside it");
        if (guards.Total is { Burst: not null, Connections: null })
            Warn("total", "total.burst has no effect without a rate, expected \"connections\" beside it");
        if (guards.Ban is not null && guards.PerSource is { Sessions: null, Connections: null })
            Warn("ban", "ban has no effect, because nothing limits a source, "
                + "expected \"perSource\" with \"sessions\" or \"connections\"");
        bool allowsNone = guards.Allow is not { Length: > 0 }
            && (guards.Lists ?? []).Items.All(list => list.Entries.Span is not [{ Action: NetworkAction.Allow }, ..]);
        if (guards.ServesUnlisted == false && allowsNone)
            Warn("default", "default is \"drop\", and no network is allowed: no client is served, "
                + "expected \"allow\" with the networks that are");
        if (guards.Ban?.Terms is { } terms && terms.ForMs > terms.MaxMs && node?.Find("ban") is { } ban)
            context.Problems.Error(ban.At, ConfigurationCodes.OutOfRange, "ban.for is longer than ban.max, expected at most that");
    }
}
