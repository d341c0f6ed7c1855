using System.CommandLine;
using System.CommandLine.Parsing;
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
    private readonly Option<string?> _url = UrlOptions.BuildUrl();
    private readonly Option<string?> _tokenFile = UrlOptions.BuildTokenFile();
    private readonly Option<string?> _caFile = UrlOptions.BuildCaFile();
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
        command.Options.Add(options._url);
        command.Options.Add(options._tokenFile);
        command.Options.Add(options._caFile);
        command.Options.Add(options._json);
        command.Validators.Add(result =>
        {
            if (Choose(result, out string? wrong) is null) result.AddError(wrong!);
        });
        command.SetAction(result => options.RunAsync(result, act, patience ?? AdminClient.Patience).GetAwaiter().GetResult());
    }

    /// <summary>Which proxy a line names, as far as it is written; null: it contradicts itself.</summary>
    public static ProxyChoice? Choose(CommandResult line, out string? wrong) => ProxyChoice.Decide(
        new ProxyChoice.Given(
            Text(line, "--socket"),
            GenerationName.TryParse(Text(line, "--generation"), out GenerationName name) ? name : null,
            Text(line, "--url"), Text(line, "--token-file"), Text(line, "--ca-file")),
        Environment.GetEnvironmentVariable, out wrong);

    private async Task<int> RunAsync(ParseResult result, Func<ParseResult, AdminOperation, Task<int>> act, TimeSpan patience)
    {
        ProxyChoice choice = Choose(result.CommandResult, out _)!;
        try
        {
            using AdminClient client = new(choice.Open(), patience);
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
            if (!e.NoServer || choice is not { Socket: { } socket, Generation: { } name }) return AdminOperation.Fail(e.Message);
            return AdminOperation.Fail(await ExplainGoneAsync(socket, name));
        }
    }

    /// <summary>Why an earlier generation is not there: it has ended, or it never was one.</summary>
    private static async Task<string> ExplainGoneAsync(string path, GenerationName name)
    {
        string gone = $"there is no generation {name}, or it has exited";
        try
        {
            using AdminClient client = new(new UnixTransport(path), AdminClient.Patience);
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

    /// <summary>
    /// An option as it is written. A value that is wrong has an error of its own, and asking the parser for it would throw.
    /// </summary>
    private static string? Text(CommandResult line, string name) =>
        line.Command.Options.FirstOrDefault(o => o.Name == name) is { } option
        && line.GetResult(option) is { Tokens: [{ Value: var text }] }
            ? text
            : null;
}
