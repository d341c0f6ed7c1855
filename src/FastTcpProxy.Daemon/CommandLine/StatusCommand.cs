using System.CommandLine;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Client;

namespace FastTcpProxy.Daemon.CommandLine;

/// <summary><c>status</c>: how the running proxy and its upstreams are. Used by the main thread.</summary>
internal static class StatusCommand
{
    public static Command Build()
    {
        Option<string?> socket = SocketOption.Build();
        Option<bool> json = new("--json") { Description = "Print what the proxy answered, a JSON object." };
        DocumentedCommand command = new(
            "status",
            "Asks the running proxy which upstreams serve, what their checks say and since when, and when the next ones are due.",
            """
            fasttcpproxy status
            fasttcpproxy status --socket /run/mail-proxy/admin.sock
            fasttcpproxy status --json | jq '.services[].upstreams[] | select(.serving | not).name'
            """)
        { socket, json };
        command.SetAction(result => ShowAsync(SocketOption.Resolve(result.GetValue(socket)), result.GetValue(json)).GetAwaiter().GetResult());
        return command;
    }

    private static async Task<int> ShowAsync(string path, bool json)
    {
        try
        {
            using AdminClient client = new(path, AdminClient.Patience);
            byte[] answer = await client.GetAsync(StatusRoutes.Status);
            string text = json ? StatusText.Json(answer) : StatusText.Table(AdminClient.ReadStatus(answer, path), Screen.OfStandardOutput(), DateTime.UtcNow);
            Console.Out.Write(text);
            return ExitCodes.Ok;
        }
        catch (AdminClientException e)
        {
            Console.Error.WriteLine($"error: {OneLine.Escape(e.Message)}");
            return ExitCodes.Failed;
        }
    }
}
