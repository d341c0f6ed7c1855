using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>Everything that the administrative interface serves. Immutable, any thread.</summary>
internal static class AdminRoutes
{
    public static ImmutableArray<AdminRoute> All(AdminTarget target) =>
    [
        .. StatusRoutes.All(target.Proxy.Status, target.ReadProcessAsync, () => target.State),
    ];
}
