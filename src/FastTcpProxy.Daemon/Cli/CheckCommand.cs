using System.Collections.Immutable;
using System.CommandLine;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// <c>check --config FILE</c>: all errors and warnings of a file, or a summary of what it would serve. Used by the main thread.
/// </summary>
internal static class CheckCommand
{
    public static Command Build()
    {
        Option<string> config = ConfigurationFileOption.Build();
        Option<bool> machine = new("--machine")
        {
            Description = "Look too at what run would need here: addresses and ports, directories, names, limits. Changes nothing, and "
                + "disturbs no proxy that serves. Exits 3 where run would fail on this machine.",
        };
        DocumentedCommand command = new(
            "check",
            "Checks a configuration. Prints each problem as file:line:column; exits 0 when the configuration can "
            + "be used and 1 when it cannot.",
            """
            fasttcpproxy check --config proxy.json && systemctl restart fasttcpproxy
            envsubst < proxy.json.in | fasttcpproxy check --config -
            fasttcpproxy check --machine --config proxy.json     as the user that will run it
            """)
        { config, machine };
        command.SetAction((result, _) => CheckAsync(result.GetRequiredValue(config), result.GetValue(machine)));
        return command;
    }

    private static async Task<int> CheckAsync(string path, bool withMachine)
    {
        if (ConfigurationFileOption.Load(path, out byte[] text) is not { } configuration) return ExitCodes.Failed;
        string name = ConfigurationFileOption.NameOf(path);
        TerminalLine.Say($"OK {name}: {Counted.Of(configuration.Services.Length, "service")}");
        foreach (ServiceConfiguration service in configuration.Services) TerminalLine.Say("  " + Describe(service));
        if (!withMachine) return ExitCodes.Ok;
        // Its descriptors are counted before anything else is opened.
        MachineContext context = await MachineCheck.PrepareAsync(new MachineContext(configuration, text, name));
        ImmutableArray<MachineFinding> findings = MachineCheck.Find(context, MachineCheck.OfStart);
        foreach (MachineFinding finding in findings.Where(finding => finding.Severity > MachineSeverity.Ok))
        {
            if (finding.Severity == MachineSeverity.Note) TerminalLine.Say(finding.ToString());
            else TerminalLine.Complain(finding.ToString());
        }
        return findings.Any(finding => finding.Severity == MachineSeverity.Error) ? ExitCodes.NotReady : ExitCodes.Ok;
    }

    private static string Describe(ServiceConfiguration service) =>
        $"{service.Name}: {string.Join(", ", service.Listen)} -> {string.Join(", ", service.Upstreams.Select(Describe))}"
        + $"; connect timeout {Duration(service.Settings.ConnectTimeout)}"
        + (service.Settings.AcceptProxy is { } accept ? $"; PROXY header required from {string.Join(", ", accept.From.Networks)}" : "");

    private static string Describe(UpstreamConfiguration upstream)
    {
        string mode = upstream.Mode switch { HeaderMode.ProxyV1 => "proxy-v1", HeaderMode.ProxyV2 => "proxy-v2", _ => "raw" };
        return upstream.Name == upstream.Address.Text ? $"{upstream.Address} ({mode})" : $"{upstream.Name} {upstream.Address} ({mode})";
    }

    private static string Duration(TimeSpan time) => time.Milliseconds == 0 ? $"{time.TotalSeconds:0}s" : $"{time.TotalMilliseconds:0}ms";
}
