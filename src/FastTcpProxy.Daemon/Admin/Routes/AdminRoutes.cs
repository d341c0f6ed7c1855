using System.Collections.Immutable;
using FastTcpProxy.Control.Operators;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>Everything that the administrative interface serves. Immutable, any thread.</summary>
internal static class AdminRoutes
{
    public static ImmutableArray<AdminRoute> All(AdminTarget target)
    {
        OverrideDesk desk = target.Proxy.Overrides;
        Audit audit = new(target.Log);
        return
        [
            .. StatusRoutes.All(target.Proxy.Status, target.ReadProcessAsync, () => target.State),
            .. new StateResource(desk, audit).Routes,
            .. new OrderResource(desk, audit).Routes,
            .. new SessionRoutes(target.Proxy.Engine, audit).Routes,
            .. new ExplainRoutes(target).Routes,
            .. new ConfigurationRoutes(target.Reload, audit).Routes,
            .. new ProcessRoutes(target.Proxy.Engine, target.Lifecycle, audit).Routes,
            OpenApiRoute.Route,
        ];
    }
}
