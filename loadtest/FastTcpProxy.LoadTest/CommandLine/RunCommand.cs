using FastTcpProxy.Compare.Machine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.CommandLine;

/// <summary>Runs a scenario against one proxy after the other, and says what came of it. Used once, by the main task.</summary>
internal sealed class RunCommand(Scenario scenario, string? report, string? thresholds, bool ownNetwork)
{
    public async Task<int> RunAsync(LoadOptions options, IReadOnlyList<ProxyChoice> proxies, CancellationToken stop)
    {
        if (!NetworkNamespace.IsInside && ownNetwork)
        {
            string reason = NetworkNamespace.Enter();
            await Console.Error.WriteLineAsync(reason);
        }
        if (NetworkNamespace.IsInside)
        {
            foreach (string refused in NetworkNamespace.SetUp()) await Console.Error.WriteLineAsync(refused);
            // Apart from the ports that listen: one that is closed for a while must not be taken by a connection meanwhile.
            await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", "33000 65000", stop);
        }
        Needs needs = scenario.NeedsOf(options);
        int descriptors = DescriptorLimit.Raise(), ports = RunPlan.EphemeralPorts();
        await Console.Error.WriteLineAsync(
            $"{scenario.Name}: needs up to {needs.Descriptors} descriptors a process (of {descriptors}) and {needs.Ports} ephemeral ports (of {ports})");
        if (RunPlan.Missing(needs, descriptors, ports) is { } missing)
        {
            await Console.Error.WriteLineAsync($"{scenario.Name}: {missing}");
            return ExitCodes.Failed;
        }
        foreach (ProxyChoice choice in proxies)
        {
            LoadOptions chosen = options with { Proxy = choice.Kind, Program = choice.Program };
            RunResult result = await RunPlan.RunAsync(scenario, chosen, "", (_, _) => { }, stop);
            foreach ((string name, double value) in RunFigures.Of(result)) Console.WriteLine($"{name} = {value}");
            foreach (string note in result.Notes) Console.WriteLine(note);
            _ = report; _ = thresholds;
        }
        return ExitCodes.Ok;
    }
}
