using System.CommandLine;
using System.CommandLine.Parsing;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>Which sessions are meant: <c>--service</c>, <c>--upstream</c>, <c>--client</c>; a session must match all that are given. Used
/// by the main thread.</summary>
internal sealed class SessionChoiceOptions
{
    private readonly Option<string?> _service = NameArguments.ServiceOption("Only those of this service.");
    private readonly Option<string?> _upstream;
    private readonly Option<string?> _client =
        new("--client") { Description = "Only those of this address or network, such as 192.0.2.0/24.", HelpName = "ADDRESS" };

    public SessionChoiceOptions()
    {
        _upstream = NameArguments.UpstreamOption("Only those on this upstream.", _service);
        _client.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && ValueText.ReadNetwork(text, out _) is { } wrong)
                result.AddError($"--client {wrong}");
        });
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_service);
        command.Options.Add(_upstream);
        command.Options.Add(_client);
    }

    public bool IsGiven(CommandResult result) => new[] { _service, _upstream, _client }.Any(option => result.GetResult(option) is not null);

    public SessionChoice Read(ParseResult result) => new(result.GetValue(_service), result.GetValue(_upstream), result.GetValue(_client));
}
