using System.CommandLine;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>The options of every command that asks a running proxy: which process to ask, and whether people or programs read the answer.
/// Used by the main thread.</summary>
internal sealed class AdminOptions
{
    private readonly Option<string?> _socket = SocketOption.Build();
    private readonly Option<GenerationName?> _generation = SocketOption.BuildGeneration();
    private readonly Option<bool> _json = new("--json") { Description = "Print the answer of the proxy as JSON." };

    /// <summary>Adds the options to a command; what it does comes after its values are known.</summary>
    /// <param name="command">The command.</param>
    /// <param name="act">What it does; returns the exit code.</param>
    /// <param name="patience">How long to wait for an answer; null: as long as answers take that only read.</param>
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
        string path = ServingPathOf(result);
        return GenerationOf(result) is { } name ? name.PathFor(path) : path;
    }

    private static string ServingPathOf(ParseResult result) =>
        SocketOption.Resolve(Value<string?>(result, result.CommandResult.Command, "--socket"));

    private static GenerationName? GenerationOf(ParseResult result) =>
        Value<GenerationName?>(result, result.CommandResult.Command, "--generation");

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
            if (!e.NoServer || GenerationOf(result) is not { } name) return AdminOperation.Fail(e.Message);
            return AdminOperation.Fail(await ExplainGoneAsync(ServingPathOf(result), name));
        }
    }

    /// <summary>Why an earlier generation is not there: it has ended, or it never was one.</summary>
    private static async Task<string> ExplainGoneAsync(string path, GenerationName name)
    {
        string gone = $"there is no generation {name}, or it has exited";
        try
        {
            using AdminClient client = new(path, AdminClient.Patience);
            StatusDocument status = (await client.GetAsync(AdminPaths.Status)).Read(DocumentContext.Default.StatusDocument, "status");
            if (name == new GenerationName(status.Pid))
                return $"process {name} is the serving process, not an earlier generation: leave out --generation";
            return status.Generations.IsEmpty
                ? $"{gone}: no earlier generation is left"
                : $"{gone}: still there: {string.Join(", ", status.Generations.Select(g => GenerationName.Of(g.Socket, g.Pid)))}";
        }
        catch (AdminClientException)
        {
            return $"{gone}: no process serves {name.PathFor(path)}";
        }
    }

    private static T? Value<T>(ParseResult result, Command command, string name) =>
        command.Options.FirstOrDefault(o => o.Name == name) is Option<T> option && result.GetResult(option) is { Errors: var errors }
        && !errors.Any() ? result.GetValue(option) : default;
}
