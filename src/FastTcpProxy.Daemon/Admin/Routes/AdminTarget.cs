using System.Collections.Immutable;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.TakeOver;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>The parts of the proxy that routes read and change. Immutable; its parts are for any thread but a loop.</summary>
/// <param name="Proxy">What serves.</param>
/// <param name="Reload">What puts other configurations in force.</param>
/// <param name="Lifecycle">How far the process is.</param>
/// <param name="Log">Takes a line for every change.</param>
internal sealed record AdminTarget(RunningProxy Proxy, ConfigurationReload Reload, Lifecycle Lifecycle, ILogger Log) : IStatusSource
{
    /// <summary>Finds the processes that have handed their listeners over and drain; bounded in time.</summary>
    public Func<Task<FoundGenerations>> Generations { get; init; } = () => Task.FromResult(FoundGenerations.None);

    /// <summary>Collects what is exported.</summary>
    public MetricsSource Metrics { get; init; } = new(Proxy, Reload, Lifecycle);

    /// <summary>What was counted as of the last second.</summary>
    public Func<Observed> Observed { get; init; } = () => Routes.Observed.Nothing;

    /// <summary>Null: this process writes none.</summary>
    public ProxyLogs? Logs { get; init; }

    /// <summary>What operators can follow; null only where no request comes.</summary>
    public Following? Following { get; init; }

    public AdminLimits Limits { get; init; } = AdminLimits.Default;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ProcessState State => Lifecycle.State;

    ImmutableArray<ServiceStatus> IStatusSource.Services => Proxy.Status.Services;

    public async Task<ProcessStatus> ReadProcessAsync()
    {
        FoundGenerations found = await Generations();
        return new ProcessStatus(Lifecycle.StartedAt, State, Proxy.Overrides.IsStored, Reload.Current, Reload.LastFailure,
            StatusDocuments.From(found.Named), Lifecycle.Draining)
        {
            Trouble = [.. Proxy.Trouble, .. Logs?.Trouble ?? []],
            GenerationsMore = found.More,
        };
    }
}
