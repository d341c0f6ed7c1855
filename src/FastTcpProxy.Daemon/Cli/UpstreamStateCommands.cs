using System.CommandLine;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>upstream disable</c>, <c>enable</c>, <c>drain</c> and <c>undrain</c>. Used by the main thread.</summary>
internal static class UpstreamStateCommands
{
    private const string Disabled = "disabled", Enabled = "enabled", Draining = "draining";

    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(100);

    /// <summary>An operator waits at a terminal for a day at most.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);

    public static Command BuildDisable() => Build(
        "disable",
        "Gives an upstream no new clients; its sessions continue, and it is still checked.",
        """
        fasttcpproxy upstream disable mail primary
        fasttcpproxy upstream disable mail primary --reason "new disk" --for 30m
        """,
        (change, before, given, _) => change.MakeAsync(before, given with { State = Disabled }));

    public static Command BuildEnable() => Build(
        "enable",
        "Puts an upstream back: clears its override, or overrides enabled: false of the configuration. "
        + "An upstream that is down stays down.",
        """
        fasttcpproxy upstream enable mail primary
        fasttcpproxy upstream enable mail spare --for 2h --reason "primary is being moved"
        """,
        (change, before, given, _) => EnableAsync(change, before, given));

    public static Command BuildDrain()
    {
        Option<string?> wait = new("--wait")
        {
            Description = "Wait at most this long for its last session, such as 30s; exits 3 if sessions are left then.",
            HelpName = "DURATION",
        };
        OptionValues.RequireDuration(wait, WaitMin, WaitMax);
        Command command = Build(
            "drain",
            "Gives an upstream no new clients, as disable does, while an operator waits for its sessions to close.",
            """
            fasttcpproxy upstream drain mail primary --reason "kernel update"
            fasttcpproxy upstream drain mail primary --wait 5m && ssh primary reboot
            """,
            async (change, before, given, result) =>
            {
                int code = await change.MakeAsync(before, given with { State = Draining });
                return result.GetValue(wait) is { } text && ValueText.ReadDuration(text, WaitMin, WaitMax, out TimeSpan limit) is null
                    ? await DrainWait.RunAsync(change, limit)
                    : code;
            });
        command.Options.Add(wait);
        return command;
    }

    public static Command BuildUndrain() => Build(
        "undrain",
        "Stops draining an upstream: the configuration applies to it again.",
        """
        fasttcpproxy upstream undrain mail primary
        """,
        (change, before, _, _) => before switch
        {
            { State: Draining } => change.MakeAsync(before, null),
            null => Task.FromResult(change.SayNothingToDo("is not draining, and nothing else was set")),
            _ => Task.FromResult(AdminOperation.Fail(
                $"{change.Name} is not draining but {OverrideText.Describe(before, DateTime.UtcNow)}; "
                + "nothing was done (upstream enable clears that)")),
        },
        givesReasons: false);

    private static DocumentedCommand Build(
        string name,
        string description,
        string examples,
        Func<OverrideChange, OverrideDocument?, OverrideRequestDocument, ParseResult, Task<int>> act,
        bool givesReasons = true)
    {
        Argument<string> service = NameArguments.Service();
        Argument<string> upstream = NameArguments.Upstream(service);
        DocumentedCommand command = new(name, description, examples) { service, upstream };
        OverrideOptions options = new(command, givesReasons);
        AdminOptions.Attach(command, async (result, operation) =>
        {
            OverrideChange change = new(operation, result.GetRequiredValue(service), result.GetRequiredValue(upstream),
                options.Force(result));
            return await act(change, await change.ReadAsync(), options.Read(result), result);
        });
        return command;
    }

    private static async Task<int> EnableAsync(OverrideChange change, OverrideDocument? before, OverrideRequestDocument given)
    {
        if (await change.FindAsync() is not var (_, found)) return AdminOperation.Fail($"{change.Name} is no longer in the configuration");
        if (!found.Configured.Enabled) return await change.MakeAsync(before, given with { State = Enabled });
        if (given.For is not null)
            return AdminOperation.Fail($"{change.Name} is enabled by the configuration, so --for has no effect; nothing was done, "
                + "repeat the command without --for");
        if (before is not null) return await change.MakeAsync(before, null);
        int code = change.SayNothingToDo("is enabled by the configuration, and nothing else was set");
        if (!found.Serving) change.Operation.Say($"it does not serve: {found.Why}");
        return code;
    }
}
