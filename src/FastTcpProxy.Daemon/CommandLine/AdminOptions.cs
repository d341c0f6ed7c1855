using System.CommandLine;
using FastTcpProxy.Daemon.Client;

namespace FastTcpProxy.Daemon.CommandLine;

/// <summary>What every command has that asks a running proxy: whom to ask, and whether people or programs read the answer. Used by the main thread.</summary>
internal sealed class AdminOptions
{
    private readonly Option<string?> _socket = SocketOption.Build();
    private readonly Option<int?> _generation = SocketOption.BuildGeneration();
    private readonly Option<bool> _json = new("--json") { Description = "Print what the proxy answered, as JSON." };

    /// <summary>Adds the options to a command; what it does comes after its values are known.</summary>
    /// <param name="command">The command.</param>
    /// <param name="act">What it does; returns the exit code.</param>
    /// <param name="patience">How long an answer is waited for; null: as long as answers take that only look.</param>
    public static void Attach(Command command, Func<ParseResult, AdminOperation, Task<int>> act, TimeSpan? patience = null)
    {
        AdminOptions options = new();
        command.Options.Add(options._socket);
        command.Options.Add(options._generation);
        command.Options.Add(options._json);
        command.SetAction(result => options.RunAsync(result, act, patience ?? AdminClient.Patience).GetAwaiter().GetResult());
    }

    /// <summary>The socket that a line names, as far as it is written.</summary>
    public static string PathOf(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        string path = SocketOption.Resolve(Value<string?>(result, command, "--socket"));
        return Value<int?>(result, command, "--generation") is { } processId ? SocketOption.OfGeneration(path, processId) : path;
    }

    private async Task<int> RunAsync(ParseResult result, Func<ParseResult, AdminOperation, Task<int>> act, TimeSpan patience)
    {
        try
        {
            using AdminClient client = new(PathOf(result), patience);
            AdminOperation operation = new(client, result.GetValue(_json));
            try
            {
                return await act(result, operation);
            }
            catch (AdminRefusedException e)
            {
                return AdminOperation.Fail(await operation.ExplainAsync(e));
            }
        }
        catch (AdminClientException e)
        {
            return AdminOperation.Fail(e.Message);
        }
    }

    private static T? Value<T>(ParseResult result, Command command, string name) =>
        command.Options.FirstOrDefault(o => o.Name == name) is Option<T> option && result.GetResult(option) is { Errors: var errors } && !errors.Any() ? result.GetValue(option) : default;
}
