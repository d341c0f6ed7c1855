using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Cli.Doctor;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Kernel;
using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// <c>doctor --config FILE</c>: what of this machine, of the upstreams and of the running proxy will hurt, and how to change it. Used by
/// the main thread.
/// </summary>
internal static class DoctorCommand
{
    public static Command Build()
    {
        Option<string> config = ConfigurationFileOption.Build();
        Option<bool> json = new("--json") { Description = "Print all findings as JSON." };
        Option<bool> all = new("--all") { Description = "List what is as it should be too." };
        Option<bool> sendHeader = new("--send-header")
        {
            Description = "Send each upstream a PROXY header with addresses, those of the connection itself. Without it that is done only "
                + "where a check of the configuration does the same; others get a header that names no client (v2 LOCAL), or none (v1).",
        };
        DocumentedCommand command = new(
            "doctor",
            "Examines this machine, the upstreams and the running proxy for a configuration: what was found, what is wanted, why, and how "
            + $"to change it. Changes nothing, needs no root, and ends within {Examination.Within.TotalSeconds:0} s. Exits 1 when "
            + "something will hurt (an error), else 0.",
            """
            fasttcpproxy doctor --config proxy.json
            fasttcpproxy doctor --config proxy.json --all
            fasttcpproxy doctor --config proxy.json --json | jq '.findings[] | select(.severity == "error")'
            """)
        { config, json, all, sendHeader };
        command.SetAction((result, _) => ExamineAsync(result.GetRequiredValue(config), result.GetValue(json), result.GetValue(all),
            result.GetValue(sendHeader)));
        return command;
    }

    private static async Task<int> ExamineAsync(string path, bool asJson, bool withOk, bool sendHeader)
    {
        if (ConfigurationFileOption.Load(path, out byte[] text) is not { } configuration) return ExitCodes.Failed;
        MachineContext context = new(configuration, text, ConfigurationFileOption.NameOf(path))
        {
            Clock = ClockState.Read(),
            BuiltAt = File.GetLastWriteTimeUtc(ProgramFile.FullPath),
        };
        ImmutableArray<MachineFinding> findings = await Examination.RunAsync(context, sendHeader);
        DoctorDocument document = DoctorDocument.Of(findings, ProgramVersion.Text, context);
        Console.Out.Write(asJson
            ? JsonSerializer.Serialize(document, DoctorContext.Default.DoctorDocument) + "\n"
            : DoctorText.Of(findings, Screen.OfStandardOutput().Width, withOk));
        return findings.Any(f => f.Severity == MachineSeverity.Error) ? ExitCodes.Failed : ExitCodes.Ok;
    }
}
