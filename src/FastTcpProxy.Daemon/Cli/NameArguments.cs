using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Completions;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// Names of services and upstreams on the command line. The running proxy says which there are, when a shell completes them. Used by the
/// main thread.
/// </summary>
internal static class NameArguments
{
    /// <summary>How long a completion waits for the proxy: a person has just pressed the tab key.</summary>
    private static readonly TimeSpan CompletionPatience = TimeSpan.FromMilliseconds(300);

    public static Argument<string> Service()
    {
        Argument<string> argument = new("SERVICE") { Description = "The name of a service." };
        argument.CompletionSources.Add(context =>
            context.ParseResult.GetResult(argument)?.Tokens is [{ Value: var written }, ..] && written != context.WordToComplete
            ? []
            : Services(context));
        RefuseEmpty(argument, "the name of a service");
        return argument;
    }

    /// <param name="service">Whose upstreams are meant.</param>
    public static Argument<string> Upstream(Argument<string> service)
    {
        Argument<string> argument =
            new("NAME") { Description = "The name of an upstream, or its address when the configuration gives no name." };
        argument.CompletionSources.Add(context => UpstreamsOf(context, service, argument));
        RefuseEmpty(argument, "the name of an upstream");
        return argument;
    }

    /// <param name="service">Whose upstreams are meant.</param>
    public static Argument<string[]> UpstreamsInOrder(Argument<string> service)
    {
        Argument<string[]> argument = new("NAME")
        {
            Description = "Upstreams in the order in which to try them; the others follow in their configured order.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        argument.CompletionSources.Add(context =>
        {
            string[] written = [.. context.ParseResult.GetResult(argument)?.Tokens.Select(t => t.Value) ?? []];
            return UpstreamsOf(context, service, argument).Except(written.Where(w => w != context.WordToComplete));
        });
        RefuseEmpty(argument, "the name of an upstream");
        return argument;
    }

    public static Option<string?> ServiceOption(string description)
    {
        Option<string?> option = new("--service") { Description = description, HelpName = "SERVICE" };
        option.CompletionSources.Add(context => Services(context));
        OptionValues.RefuseEmpty(option, "the name of a service");
        return option;
    }

    /// <param name="service">Whose upstreams are meant, where it is given.</param>
    public static Option<string?> UpstreamOption(string description, Option<string?> service)
    {
        Option<string?> option = new("--upstream") { Description = description, HelpName = "NAME" };
        option.CompletionSources.Add(context => Upstreams(context, context.ParseResult.GetResult(service)?.Tokens.FirstOrDefault()?.Value));
        OptionValues.RefuseEmpty(option, "the name of an upstream");
        return option;
    }

    /// <summary>The library asks each argument for every word: an upstream is meant only behind a service.</summary>
    private static IEnumerable<string> UpstreamsOf(CompletionContext context, Argument<string> service, Argument upstream)
    {
        string? written = context.ParseResult.GetResult(service)?.Tokens.FirstOrDefault()?.Value;
        bool isUnderWay = written == context.WordToComplete && context.ParseResult.GetResult(upstream) is not { Tokens.Count: > 0 };
        return written is null || isUnderWay ? [] : Upstreams(context, written);
    }

    private static IEnumerable<string> Services(CompletionContext context) => Read(context).Select(s => s.Name).Where(IsPrintable);

    private static IEnumerable<string> Upstreams(CompletionContext context, string? service) =>
        Read(context).Where(s => service is null || s.Name == service).SelectMany(s => s.Upstreams).Select(u => u.Name).Distinct()
        .Where(IsPrintable);

    /// <summary>Whether it is one line for a shell, and no command for a terminal.</summary>
    private static bool IsPrintable(string name) => OneLine.Escape(name) == name;

    /// <summary>Nothing where no proxy answers in time: a completion has nowhere to say so.</summary>
    private static ImmutableArray<ServiceDocument> Read(CompletionContext context)
    {
        try
        {
            if (AdminOptions.Choose(context.ParseResult.CommandResult, out _) is not { } choice) return [];
            using AdminClient client = new(choice.Open(), CompletionPatience);
            return client.GetAsync(AdminPaths.Status).GetAwaiter().GetResult().Read(DocumentContext.Default.StatusDocument,
                "status").Services;
        }
        catch (AdminClientException)
        {
            return [];
        }
    }

    private static void RefuseEmpty(Argument argument, string expected) => argument.Validators.Add(result =>
    {
        if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value))) result.AddError($"{argument.Name} '': expected {expected}");
    });
}
