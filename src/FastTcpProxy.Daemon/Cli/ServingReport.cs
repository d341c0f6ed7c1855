using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>The situation after a change: which upstreams still serve, and what else the operator should know. Used by the main
/// thread.</summary>
internal static class ServingReport
{
    public static void Say(AdminOperation operation, StatusDocument status, ServiceDocument service)
    {
        if (service.Upstreams.Any(u => u.Serving)) operation.Say(OverrideText.Serving(service));
        if (LeftText.Warning(service) is { } warning) AdminOperation.Warn(warning);
        bool isSet = service.Order is not null || service.Upstreams.Any(u => u.Override is not null);
        if (!status.Stored && isSet) operation.Say("note: the override is lost when the process exits, because it has no admin.stateDirectory");
    }
}
