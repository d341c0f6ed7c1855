using System.CommandLine;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>upstream drain</c> and <c>upstream undrain</c>. Used by the main thread.</summary>
internal static class UpstreamDrainCommands
{
    private const string Draining = "draining";

    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(100);

    /// <summary>No person waits at a terminal for more than a day.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);

    public static Command BuildDrain()
    {
        Argument<string> service = NameArguments.Service();
        Argument<string> upstream = NameArguments.Upstream(service);
        Option<string?> wait = new("--wait")
        {
            Description = "Wait at most this long for its last session, such as 30s; exits 3 if sessions are left then.",
            HelpName = "DURATION",
        };
        OptionValues.RequireDuration(wait, WaitMin, WaitMax);
        DocumentedCommand command = new(
            "drain",
            "Gives an upstream no new clients, as disable does, while an operator waits for its sessions to close.",
            """
            fasttcpproxy upstream drain mail primary --reason "kernel update"
            fasttcpproxy upstream drain mail primary --wait 5m && ssh primary reboot
            """)
        { service, upstream, wait };
        OverrideOptions options = new(command);
        AdminOptions.Attach(command, async (result, operation) =>
        {
            (string of, string name) = (result.GetRequiredValue(service), result.GetRequiredValue(upstream));
            OverrideChange change = new(operation, of, name, options.Force(result));
            OverrideDocument? before = await change.LookAsync();
            await change.SetAsync(before, new OverrideRequestDocument(options.Reason(result), options.For(result)) { State = Draining });
            if (result.GetValue(wait) is not { } text || ValueText.ReadDuration(text, WaitMin, WaitMax, out TimeSpan limit) is not null) return ExitCodes.Ok;
            return await DrainWait.RunAsync(operation, of, name, limit);
        });
        return command;
    }

    public static Command BuildUndrain()
    {
        Argument<string> service = NameArguments.Service();
        Argument<string> upstream = NameArguments.Upstream(service);
        DocumentedCommand command = new(
            "undrain",
            "Stops draining an upstream: the configuration applies to it again.",
            """
            fasttcpproxy upstream undrain mail primary
            """)
        { service, upstream };
        ForceOption force = new(command);
        AdminOptions.Attach(command, async (result, operation) =>
        {
            OverrideChange change = new(operation, result.GetRequiredValue(service), result.GetRequiredValue(upstream), force.Value(result));
            OverrideDocument? before = await change.LookAsync();
            switch (before)
            {
                case { State: Draining }:
                    await change.ClearAsync(before);
                    return ExitCodes.Ok;
                case null:
                    operation.Print("null"u8.ToArray(), _ => "");
                    operation.Say($"{change.Name} is not draining, and nothing else was set: nothing to do");
                    return ExitCodes.Ok;
                default:
                    return AdminOperation.Fail(
                        $"{change.Name} is not draining but {OverrideText.Describe(before, DateTime.UtcNow)}; nothing was done (upstream enable clears that)");
            }
        });
        return command;
    }
}
