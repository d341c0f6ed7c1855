using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>
/// Gives each upstream of one service the check that applies to it: the service's with the upstream's own keys in their place, and all
/// templates filled in. One thread; lives while its service is read.
/// </summary>
internal sealed class HealthCheckResolver
{
    private readonly BindingContext _context;
    private readonly ConfigurationNode? _service;
    private readonly HealthCheckDraft? _draft;
    private readonly CheckHeaderRules _headers;
    private readonly bool _sound = true;
    private bool _serviceLacksUrl;

    /// <summary>Reads the service's own check, so that its mistakes are told once and not for every upstream.</summary>
    /// <param name="service">The service's <c>healthCheck</c>, or null.</param>
    /// <param name="serviceName">For messages.</param>
    public HealthCheckResolver(ConfigurationNode? service, string serviceName, BindingContext context)
    {
        _headers = new CheckHeaderRules(serviceName, context);
        _context = context;
        _service = service;
        if (service is not null)
            _sound = TryRead(service, out _draft);
    }

    /// <summary>The check of an upstream, or null when it has none or there is an error.</summary>
    /// <param name="own">The upstream's <c>healthCheck</c>, or null.</param>
    public HealthCheckConfiguration? Resolve(UpstreamConfiguration upstream, ConfigurationNode? own)
    {
        HealthCheckDraft? draft = _draft;
        bool sound = _sound;
        if (own is not null)
            sound = TryRead(Merge(own), out draft) && sound;
        bool addressed = _context.Origin(upstream.Address) is not null && upstream.Name.Length > 0;
        return sound && addressed && draft is not null and not { Type: CheckType.None } ? Fill(draft, upstream) : null;
    }

    private ConfigurationNode Merge(ConfigurationNode own)
    {
        if (own.Kind != NodeKind.Object || _service is not { Kind: NodeKind.Object })
            return own;
        return _sound ? HealthCheckInheritance.Inherit(own, _service) : HealthCheckInheritance.InheritType(own, _service);
    }

    private bool TryRead(ConfigurationNode node, out HealthCheckDraft? draft)
    {
        int before = _context.Problems.Errors;
        HealthCheckKeys.Kind.TryRead(node, _context, out draft);
        return _context.Problems.Errors == before;
    }

    private HealthCheckConfiguration? Fill(HealthCheckDraft draft, UpstreamConfiguration upstream)
    {
        int before = _context.Problems.Errors;
        var template = UpstreamTemplate.Of(upstream);
        HealthCheckConfiguration check = draft.Check with { Headers = FillHeaders(draft, upstream, template) };
        if (draft.Type == CheckType.Http)
            check = check with { Url = FillUrl(draft, upstream, template) };
        else if (draft.Address is not null)
            check = check with { Address = FillAddress(draft, upstream, template) };
        return _context.Problems.Errors == before
            ? check with { ProxyHeader = _headers.Resolve(draft, check, upstream) }
            : null;
    }

    private Uri? FillUrl(HealthCheckDraft draft, UpstreamConfiguration upstream, UpstreamTemplate template)
    {
        Uri? url = null;
        if (draft.Url is null)
            ReportMissing(draft);
        else if ((template.Fill(draft.Url, inUrl: true, out string filled) ?? CheckUrl.Parse(filled, out url)) is { } why)
            Report(draft.Node.Find(HealthCheckKeys.Url.Name)!, "URL", upstream, why);
        return url;
    }

    /// <summary>A service's check may lack the URL as long as every upstream has one; when some have none, that is one mistake.</summary>
    private void ReportMissing(HealthCheckDraft draft)
    {
        Key key = HealthCheckKeys.Url;
        bool ofService = ReferenceEquals(draft, _draft);
        if (!ofService || !_serviceLacksUrl)
            _context.Problems.Error(draft.Node.At, ConfigurationCodes.MissingKey,
                $"{draft.Node.Path} has no key \"{key.Name}\", expected it, for example \"{key.Name}\": {key.Example}");
        _serviceLacksUrl |= ofService;
    }

    private ConfiguredUpstreamAddress? FillAddress(HealthCheckDraft draft, UpstreamConfiguration upstream, UpstreamTemplate template)
    {
        ConfigurationNode node = draft.Node.Find(HealthCheckKeys.Address.Name)!;
        string? why = template.Fill(draft.Address!, inUrl: false, out string filled);
        if (why is null && AddressTemplateKind.Filled.TryParse(filled, out ConfiguredUpstreamAddress address, out ValueFault fault))
            return address;
        Report(node, "address", upstream, why ?? $"{Wording.Quote(filled)} is not an address");
        return null;
    }

    private ImmutableArray<CheckHeader> FillHeaders(HealthCheckDraft draft, UpstreamConfiguration upstream, UpstreamTemplate template)
    {
        var headers = ImmutableArray.CreateBuilder<CheckHeader>(draft.Check.Headers.Length);
        foreach (CheckHeader header in draft.Check.Headers)
        {
            string? why = template.Fill(header.Value, inUrl: false, out string filled) ?? HttpFieldSyntax.ValueRefusal(header.Name, filled);
            if (why is not null)
                Report(draft.Node.Find(HealthCheckKeys.Headers.Name)!.Find(header.Name)!, "header", upstream, why);
            headers.Add(header with { Value = filled });
        }
        return headers.DrainToImmutable();
    }

    private void Report(ConfigurationNode node, string what, UpstreamConfiguration upstream, string why) =>
        _context.Problems.Error(node.At, ConfigurationCodes.TemplateFails,
            $"{node.Path} gives no {what} for upstream {Wording.Quote(upstream.Name)} ({why}), expected a text that suits every upstream, "
            + "or \"healthCheck\" keys of that upstream");
}
