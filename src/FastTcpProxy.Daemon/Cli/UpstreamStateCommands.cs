using System.CommandLine;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>upstream disable</c> and <c>upstream enable</c>. Used by the main thread.</summary>
internal static class UpstreamStateCommands
{
    public static Command BuildDisable()
    {
        Argument<string> service = NameArguments.Service();
        Argument<string> upstream = NameArguments.Upstream(service);
        DocumentedCommand command = new(
            "disable",
            "Gives an upstream no new clients; its sessions continue, and it is still checked.",
            """
            fasttcpproxy upstream disable mail primary
            fasttcpproxy upstream disable mail primary --reason "new disk" --for 30m
            """)
        { service, upstream };
        OverrideOptions options = new(command);
        AdminOptions.Attach(command, async (result, operation) =>
        {
            OverrideChange change = new(operation, result.GetRequiredValue(service), result.GetRequiredValue(upstream), options.Force(result));
            OverrideDocument? before = await change.LookAsync();
            await change.SetAsync(before, new OverrideRequestDocument(options.Reason(result), options.For(result)) { State = "disabled" });
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command BuildEnable()
    {
        Argument<string> service = NameArguments.Service();
        Argument<string> upstream = NameArguments.Upstream(service);
        DocumentedCommand command = new(
            "enable",
            "Puts an upstream back: clears its override, or overrides enabled: false of the configuration. An upstream that is down stays down.",
            """
            fasttcpproxy upstream enable mail primary
            fasttcpproxy upstream enable mail spare --for 2h --reason "primary is being moved"
            """)
        { service, upstream };
        OverrideOptions options = new(command);
        AdminOptions.Attach(command, (result, operation) =>
            EnableAsync(operation, result.GetRequiredValue(service), result.GetRequiredValue(upstream), options.Reason(result), options.For(result), options.Force(result)));
        return command;
    }

    private static async Task<int> EnableAsync(AdminOperation operation, string service, string upstream, string? reason, string? time, bool force)
    {
        OverrideChange change = new(operation, service, upstream, force);
        OverrideDocument? before = await change.LookAsync();
        if (OverrideChange.Find(await operation.ReadStatusAsync(), service, upstream) is not var (_, found))
            return AdminOperation.Fail($"{change.Name} is not in the configuration any more");
        if (!found.Configured.Enabled)
        {
            await change.SetAsync(before, new OverrideRequestDocument(reason, time) { State = "enabled" });
            return ExitCodes.Ok;
        }
        if (time is not null)
            return AdminOperation.Fail($"{change.Name} is enabled by the configuration, so --for has no effect; nothing was done, repeat the command without --for");
        if (before is not null)
        {
            await change.ClearAsync(before);
            return ExitCodes.Ok;
        }
        operation.Print("null"u8.ToArray(), _ => "");
        operation.Say($"{change.Name} is enabled by the configuration, and nothing else was set: nothing to do");
        if (!found.Serving) operation.Say($"it does not serve: {found.Why}");
        return ExitCodes.Ok;
    }
}
