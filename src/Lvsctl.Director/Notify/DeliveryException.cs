namespace Lvsctl.Director.Notify;

/// <param name="message">For people; holds no secret.</param>
/// <param name="isRefusal">The target does not want it: it will hardly want it a second later.</param>
sealed class DeliveryException(string message, bool isRefusal = false, Exception? inner = null) : Exception(message, inner)
{
    public bool IsRefusal => isRefusal;
}
