using System.Collections.Immutable;
using FastTcpProxy.Daemon.Admin.Requests;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>Everything that the administrative interface serves. Immutable, any thread.</summary>
internal static class AdminRoutes
{
    public static ImmutableArray<AdminRoute> All(AdminTarget target) =>
    [
        .. StatusRoutes.All(target, target.ReadProcessAsync, () => target.State, target.Observed),
        .. new OverrideRoutes(target).Routes,
        .. new SessionRoutes(target).Routes,
        .. new ExplainRoutes(target).Routes,
        .. new ConfigurationRoutes(target).Routes,
        .. new ProcessRoutes(target).Routes,
        .. new EventRoutes(target).Routes,
        .. new VerboseRoutes(target).Routes,
        .. new BlockRoutes(target).Routes,
        MetricsRoute.For(target.Metrics),
        .. new LogRoutes(target).Routes,
        OpenApiRoute.Route,
    ];
}
