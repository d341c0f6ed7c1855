using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>
/// How much is allocated between two collections. The machine's cache cannot be chosen, so its effect is: DOTNET_GCgen0size stands in for
/// what the runtime derives from it. Each test owns its proxy.
/// </summary>
public sealed class CollectorBudgetTests
{
    /// <summary>64 MiB in portions of at most 4 MiB, less the one that is begun and what threads have set aside.</summary>
    private const int CollectionsMin = 14;

    [Theory]
    [InlineData(null)]
    [InlineData("0x1000000")]
    [InlineData("0x8000000")]
    public async Task Budget_WhateverTheCache_IsAtMostFourMiB(string? derived)
    {
        using HeapProbe probe = new();
        using ProxyProcess proxy = await StartAsync(probe, ("DOTNET_GCgen0size", derived));

        Assert.InRange(await probe.CollectionsForGarbageAsync(), CollectionsMin, 1_000);
    }

    [Fact]
    public async Task Budget_SetByTheOperator_IsTheOperators()
    {
        using HeapProbe probe = new();
        using ProxyProcess proxy = await StartAsync(probe, ("DOTNET_GCgen0size", "0x4000000"), ("DOTNET_GCGen0MaxBudget", "0x4000000"));

        Assert.InRange(await probe.CollectionsForGarbageAsync(), 0, 2);
    }

    private static Task<ProxyProcess> StartAsync(HeapProbe probe, params (string Name, string? Value)[] variables)
    {
        Dictionary<string, string?> environment = new(probe.Environment)
        {
            ["DOTNET_GCGen0MaxBudget"] = null, ["DOTNET_GCgen0size"] = null,
        };
        foreach ((string name, string? value) in variables) environment[name] = value;
        return ProxyProcess.StartAsync(ServiceText.Of(FreePort.Loopback(), [FreePort.Loopback()]),
            new ProxyOptions { Environment = environment });
    }
}
