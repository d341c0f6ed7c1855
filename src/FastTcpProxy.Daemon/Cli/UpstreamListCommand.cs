using System.CommandLine;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>upstream list</c>: what is configured, set and found, for each upstream. Used by the main thread.</summary>
internal static class UpstreamListCommand
{
    public static Command Build()
    {
        Argument<string> service = NameArguments.Service();
        service.Arity = ArgumentArity.ZeroOrOne;
        DocumentedCommand command = new(
            "list",
            "Prints the upstreams of a service, or of all, in the order in which they are tried: what is configured, "
            + "what an operator has set, what checks say.",
            """
            fasttcpproxy upstream list
            fasttcpproxy upstream list mail
            fasttcpproxy upstream list mail --json | jq '.upstreams[] | {name, configured, override, health, serving, why}'
            """)
        { service };
        AdminOptions.Attach(command, (result, operation) => ListAsync(result.GetValue(service), operation));
        return command;
    }

    private static async Task<int> ListAsync(string? wanted, AdminOperation operation)
    {
        AdminAnswer answer = await operation.Client.GetAsync(AdminPaths.Status);
        StatusDocument status = answer.Read(DocumentContext.Default.StatusDocument, "status");
        ServiceDocument[] services = [.. status.Services.Where(s => wanted is null || s.Name == wanted)];
        if (NameHint.For((wanted, []), status.Services) is { } wrong) return AdminOperation.Fail(wrong);
        operation.Print(Part(answer.Body, wanted), screen => UpstreamsText.Table(services, screen, DateTime.UtcNow));
        return ExitCodes.Ok;
    }

    /// <summary>What of the status is about this: the one service, or the list of them.</summary>
    private static byte[] Part(byte[] status, string? wanted)
    {
        using JsonDocument document = JsonDocument.Parse(status);
        JsonElement services = document.RootElement.GetProperty("services");
        JsonElement part = wanted is null ? services : services.EnumerateArray().First(s => s.GetProperty("name").GetString() == wanted);
        return Encoding.UTF8.GetBytes(part.GetRawText());
    }
}
